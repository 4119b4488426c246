"""What can be extracted, as data: endpoints, reports and the tables they become."""
