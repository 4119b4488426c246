"""The bulk road's second half: from the parts of a report to the tables of the API's orders.

    words        the report's words in those of each version of the API
    translation  the lines of a part -> records as the API would have sent them, as far as known
    loadable     the raw files of a partition -> what the warehouse loads, each with its source

Which windows a run lands by which road is said in `roads`, how parts come about in `landing`.
"""
