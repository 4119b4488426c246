"""Ready feeds: lists of the Selling Partner API whose declaration comes with the package.

Here belong: the declarations, one YAML file each, and reading them by name. A feed's file holds
what stands under `attributes:` of an `asp_dagster.AmazonSPApi`, or of the component that its `type`
names; what its keys mean is said there.

    asp feeds         lists them with what they cost in calls
    asp feeds NAME    shows one
"""

from asp_dagster.feeds.ready import ready_feed, ready_feed_names, ready_feed_text

__all__ = ["ready_feed", "ready_feed_names", "ready_feed_text"]
