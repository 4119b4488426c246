"""Amazon's notifications: subscribed to by a command, read from a queue of SQS by a sensor.

Here belong: the queue, the command `asp notifications`, and what follows from a
notification. How one is read is `catalog.notifications`, what is remembered `state.notifications`;
the requests to Amazon are `spapi.notifications`.

    queue       a queue of SQS, by boto3
    policy      what the queue must allow Amazon
    subscribing what there is at Amazon, and making or removing it
    listeners   whose a notification is: the feeds that are told of it
    draining    from messages to what is noted
    asking      from what is noted to runs
    settling    what becomes of runs, and of the messages behind them
    sensor      the ticks
    resource    the settings
    command     the command
"""
