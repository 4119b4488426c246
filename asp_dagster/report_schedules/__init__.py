"""Report schedules at Amazon, held against those that feeds declare.

Here belongs what the command `asp schedules` does: finding what is
declared, comparing it with what Amazon has, and making the one like the other. No run of a feed
does any of this.
"""
