"""What somebody wrote, apart from what they quoted: mail programs repeat the whole history below each answer."""

import re

# Lines after which everything is the mail that is answered, in Chinese, English and Japanese programs.
ORIGINAL = re.compile(
    r"^[ >]*-{2,} ?"
    r"(?:original message|original appointment|原始郵件|原始訊息|原始邮件|元のメッセージ) ?-{2,}[ -]*$",
    re.I,
)
INTRODUCED = re.compile(
    r"^(?:on\b.{5,250}\bwrote|.{5,250}(?:寫道|写道|來信寫道|書きました)"
    r"|.{0,40}<[^<>@\s]+@[^<>\s]+>\s*(?:於|在|wrote).{5,200})\s*[:：]\s*$",
    re.I,
)
HEAD_OF_OUTLOOK = re.compile(r"^\*?(?:from|寄件者|寄件人|发件人|差出人)\*?\s?[:：]", re.I)
FURTHER_HEADS = re.compile(
    r"^\*?(?:sent|to|subject|date|寄件日期|傳送日期|日期|收件者|收件人|主旨|主题|发送时间|件名|宛先)\*?\s?[:：]",
    re.I,
)
HEADS_NEEDED = 2
LONGEST_HEAD = 6
MOST_LINES = 5_000


def without_quotes(text: str) -> tuple[str, str]:
    """What was written, and the history that stands below it. Nothing is cut where the writer answers in between."""
    lines = text.split("\n")
    for number, line in enumerate(lines[:MOST_LINES]):
        start = number
        if ORIGINAL.match(line) or _is_head_of_outlook(lines, number):
            return _parted(lines, start)
        joined = f"{line.rstrip()} {lines[number + 1].strip()}" if number + 1 < len(lines) else line
        if INTRODUCED.match(line.strip()) or (line.strip() and INTRODUCED.match(joined.strip())):
            rest = lines[number + (1 if INTRODUCED.match(line.strip()) else 2) :]
            if not any(each.startswith(">") for each in rest) or _all_quoted(rest):
                return _parted(lines, start)
            return text, ""
        if line.startswith(">") and _all_quoted(lines[number:]):
            return _parted(lines, start)
    return text, ""


def _is_head_of_outlook(lines: list[str], number: int) -> bool:
    if not HEAD_OF_OUTLOOK.match(lines[number].strip()):
        return False
    following = lines[number + 1 : number + 1 + LONGEST_HEAD]
    return sum(bool(FURTHER_HEADS.match(each.strip())) for each in following) >= HEADS_NEEDED


def _all_quoted(lines: list[str]) -> bool:
    return any(lines) and all(not each.strip() or each.startswith(">") for each in lines)


def _parted(lines: list[str], start: int) -> tuple[str, str]:
    own, quoted = "\n".join(lines[:start]).strip(), "\n".join(lines[start:]).strip()
    # Somebody who forwards without a word of their own means what they forward.
    return (own, quoted) if own else (quoted, "")
