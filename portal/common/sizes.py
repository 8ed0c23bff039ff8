"""How large a file is, in words."""


def text(count: int) -> str:
    """1,4 MB, 12 KB or 300 Byte, as people compare files."""
    if count >= 1_000_000:
        return f"{count / 1_000_000:.1f}".replace(".", ",").removesuffix(",0") + "\N{NO-BREAK SPACE}MB"
    if count >= 1000:
        return f"{count // 1000}\N{NO-BREAK SPACE}KB"
    return f"{count}\N{NO-BREAK SPACE}Byte"
