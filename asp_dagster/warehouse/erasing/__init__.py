"""Takes personal values out of stored tables, once they are due.

    columns     which columns of a feed's tables hold personal values, and which date a row
    erasure     finding the rows that are due, and setting those columns to NULL
    purging     what the database still keeps of them on its disk

Here belongs what is done in one warehouse. Which feeds there are is said above this floor.
"""
