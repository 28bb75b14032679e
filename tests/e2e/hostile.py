"""Names that break what is careless: a page, a query, a path, a header, a table, a terminal."""

HOSTILE_PIECES = (
    *("<script>alert(1)</script>", "</title><b>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}"),
    *("${7*7}", "'; DROP TABLE runs; --", '" OR "1"="1', "%", "_", "!", "\\", "../../etc/passwd", "..", "/", "?", "#"),
    *(
        "&a=b",
        "%00",
        "%2e%2e",
        "\u202egnp.exe",
        "\u2066x\u2069",
        "a\u0301\u0302\u0303",
        "\u200b",
        "\ufeff",
        "\U000e0001",
    ),
    *("😀👩\u200d🔬", "\uff21\uff22", "İıſß", "你好", "עברית", "\x1b[31m", "\r\nSet-Cookie: a=b", "\t", "a" * 100),
    *("NaN", "null", "true", "0", "-1", "1e999", "__proto__", "constructor", "toString", "[object Object]"),
    *("=1+1", "@SUM(A1)", "`id`", "$(id)", "|", ";", "*"),
)
"""Pieces of names, more than fifty."""
