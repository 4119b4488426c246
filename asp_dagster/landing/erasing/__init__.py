"""Takes personal values out of raw files, where they lie.

    judging            when the values of a record are to go
    record_values      in JSON Lines
    json_values        in a JSON document
    delimited_values   in delimited text
    xml_values         in an XML document
    raw_files          in a file in its store, whatever its format
    leftovers          what runs that ended early left behind

Here belongs what is done with one file. Which files there are is said above this floor.
"""
