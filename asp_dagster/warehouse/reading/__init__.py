"""The rows of a declared table, read from raw files in every format.

    rows            raw files -> typed Arrow batches; what the formats share
    records         JSON Lines; documents: one JSON or XML document; delimited: TSV and CSV
    texts           characters -> UTF-8; splitting: lines -> fields; commas: the same of CSV
    delimited_columns  headers -> columns; ahead: a thread that splits while another loads
    document_columns   what the files' columns are to the table: new, gone, left out, translated
    columns         the text of a value -> its type
    paths           where a value stands; row_levels: rows in lists within lists
    xml_documents   XML as records; raw_files: opening a file; hashing: keyed hashes

Here belongs what happens before a row is staged. What a table is, is declared in `catalog.tables`.
"""
