"""The sales overview: orders, units and sales of the last days, as a picture and as a page.

From the tables of the default orders feed alone; Amazon is not asked.

    figures     what is shown, as values
    queries     tables -> figures
    drawing     figures -> PNG and SVG
    page        figures -> an HTML page that refers to nothing outside it
    assets      the asset, its job, and what the UI shows of it

The package names nothing: each part is imported by whoever uses it, as drawing loads matplotlib.
"""
