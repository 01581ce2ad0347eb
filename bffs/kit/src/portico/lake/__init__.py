"""The event lake: every event of the hub kept for good as Parquet, on a folder or S3; queried, replayed, forgotten.

Parts are imported by their modules, for some are heavy: ``keeper`` (hub to lake), ``query`` (DuckDB), ``replay``,
``erasure``, ``watermark`` (how far the lake is), ``lake`` (the table itself) and ``config`` (which puts them together).
"""
