"""The words by which a narrative is read (soc.md, section 10). Patterns, matched on folded text."""

from __future__ import annotations

import re
from typing import Final

MONTH: Final = (
    "january|february|march|april|june|july|august|september|october|november|december"
    r"|(?:in|each|every|by|\d{1,2}(?:st|nd|rd|th)?) may\b|may \d"
)
WEEKDAY: Final = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
FREQUENCY: Final[dict[str, str]] = {
    "annual": rf"\byear|\bannual|\b(?:12|twelve) months|\b(?:{MONTH})",
    "semiannual": rf"twice (?:a|each|per) year|six months|half[- ]year|semi-?annual"
                  rf"|(?:{MONTH}) and (?:{MONTH})",
    "quarterly": r"\bquarter",
    "monthly": r"\bmonth",
    "weekly": rf"\bweek|\b(?:{WEEKDAY})",
    "daily": r"\bdaily|\bday|\bnight|\bmorning|\bevening",
    "multiple_daily": r"\bhour|\bminutes|times (?:a|each|per) day|\bevery|\beach",
    "continuous": r"\bhour|\bevery|\benforce|\balways|\bcontinuous|\bat all times|\beach",
    "event_driven": r"\bwhen|\bbefore|\bafter|\beach|\bevery|\bupon|\bon receipt",
}  # fmt: skip
"""What tells each frequency; each pattern is searched in lower-case text."""
WHEN_SAID: Final[dict[str, str]] = {
    "annual": "“each January”", "semiannual": "“twice a year, in March and September”",
    "quarterly": "“within 10 business days of each quarter end”", "monthly": "“each month”",
    "weekly": "“every Monday”", "daily": "“every business day by 11:00”",
    "multiple_daily": "“every hour”", "continuous": "“enforces at every sign-in”",
    "event_driven": "“before each release”",
}  # fmt: skip

NO_ROLE: Final = frozenset(
    {"management", "the management", "the company", "company", "we", "us", "it", "the it", "staff",
     "the business", "the organization", "everyone", "the team", "team"}
)  # fmt: skip
"""Owners that are nobody in particular (NR-02)."""

_STEMS: Final = (
    r"review|approv|compar|reconcil|refus|restrict|scan|restor|check|verif|confirm|inspect|examin|"
    r"monitor|match|agree|sign|test|block|den(?:y|ies)|reject|enforc|encrypt|authori[sz]|releas|"
    r"revok|remov|disabl|suspend|recalculat|re-?perform|record|log|rat(?:e|es|ed|ing)\b|rank|"
    r"assess|updat|assign|enter|validat|limit|lock|prevent|detect|report|train|clos|investigat|"
    r"back|cop(?:y|ies)|count|delet|purg|destroy|trac|track|hold|run|read|rotat|select|order|"
    r"keep|requir|answer|publish|clear|call|draw|evaluat|analys|analyz|patch|issu|escort|"
    r"calculat|complet|deploy|stop|notif|re-?certif|certif|segregat|separat|document|prepar"
)
VERB: Final = re.compile(rf"\b(?:{_STEMS})[a-z-]*\b")
"""What a control does; an object must stand beside it (NR-03)."""
NO_OBJECT: Final = frozenset(
    {"it", "them", "this", "that", "things", "everything", "and", "or", "by", "in", "on", "at",
     "to", "as", "with", "for", "when", "if", "the", "a", "an", "of", "is", "are", "be", "was",
     "once", "twice", "every", "each", "week", "day", "month", "quarter", "year", "well"}
)  # fmt: skip

RECORD: Final = re.compile(
    r"\b(?:record|log|ticket|report|sheet|minute|form|note|workbook|checklist|register|snapshot|"
    r"approval|signature|result|file|list|entr(?:y|ies)|confirmation|acknowledg|review|workspace|"
    r"case|queue|plan|statement|certificate|photograph|answer|version|schedule|output|evidence|"
    r"request|response|trail|store|pack|agreement|document|request|setting|score)"
)
KEPT: Final = re.compile(
    r"\b(?:signed|signs|sign|stored|stores|store|logged|logs|log|kept|keeps|keep|filed|files|saved|"
    r"recorded|records|record|archived|archives|ticket|tickets|attached|retained|retains|held|"
    r"minuted|documented|written to|writes|entered|enters|uploaded|noted|stamps)\b"
)
WHERE: Final = re.compile(r"\b(?:in|on|to|with|from|under|at|for)\b")

FAILURE: Final = re.compile(
    r"\b(?:if|late|missing|missed|misses|unexplained|beyond|fail|fails|failed|failing|failure|"
    r"overdue|mismatch|mismatched|unmatched|without|unknown|adverse|error|errors|exception|"
    r"exceptions|difference|differences|breach|wrong|refused|rejected|unresolved|past|otherwise|"
    r"no longer|not|unmet|longer|older|above|below|higher|deviation|gap|gaps|unclassified|expired|"
    r"invalid|suspected|outside|open|found|passes|stale|muted|under|"
    r"un[a-z]+ed)\b"
)
FOLLOWED: Final = re.compile(
    r"\b(?:escalat|follow|notif|report|rais|go(?:es)?\b|sent|send|open|tell|told|remov|revok|"
    r"suspend|block|stop|lose|loss|fix|correct|repair|decid|reassign|referred|restor|log|passed|record|"
    r"return|explain|investigat|held|holds?\b|claimed|put|disabl|refus|need|require|repeat|mov|"
    r"leads?|names?|treat|withdraw|clos|present|becom|give|gets?\b|re-?(?:run|issue|do|test|assess|"
    r"perform)|lock|pag(?:e|es|ed)|call|revers|credit|apolog|recall|isolat|quarantin|reject|"
    r"enter|list|approv|replac|delet|contain|route|start|count|roll|fall|wait|order|answer|read|"
    r"retrain|handl|clear|made|file|listed|turn|cancel|sign|add|drop|switch|swap|freez|rebuil)"
)

_NUMBER: Final = (
    r"\d[\d,.%]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|second|half|first"
)
FULL: Final = re.compile(
    rf"\b(?:{_NUMBER}|every|each|all|zero|none|no|any|only|both|thresholds?|"
    r"complete|entire)(?!\w)"
)
"""A number or a word of full coverage: the extent (NR-08)."""
SOON: Final = re.compile(
    r"\b(?:within|after|beyond|for|by|up to|at most|no later than|older than|past)\b[^.;]*?"
    rf"\b(?:{_NUMBER})|same (?:business )?day|at once|immediately|"
    r"next (?:business )?(?:day|morning|agenda|meeting|release|month|quarter)|"
    r"before |until |straight|each (?:day|week|month)|"
    r"\b\d+ (?:business )?(?:day|hour|minute|month|week)|daily|in full|monthly|"
    r"\bbeyond (?:its|the|that)\b|\b(?:refuse|block|stop|isolate|suspend|hold)s?\b|automatically"
)
"""By when a failure is followed up (NR-07, NR-08)."""

VAGUE: Final = re.compile(
    r"\b(?:periodically|periodic basis|regularly|regular basis|timely|as needed|as required|"
    r"as necessary|as appropriate|appropriate(?:ly)?|adequate(?:ly)?|ad[ -]hoc|promptly|should|"
    r"generally|various|from time to time)\b",
    re.IGNORECASE,
)
MAY: Final = re.compile(rf"\bmay (?:also |then |not )?(?:be )?(?:{_STEMS})[a-z-]*")
"""Where it weakens what is done; the month is written with a capital."""

LIST: Final = re.compile(r"\b(?:list|report|export|extract|queue|query|listing)s?\b")
READS_LIST: Final = re.compile(
    r"\b(?:review|compar|reconcil|read|check|inspect|match|agree|examin)[a-z]*\b[^.;]*"
    r"\b(?:list|report|export|extract|listing)s?\b"
)
SOURCE: Final = re.compile(
    r"\b(?:from|out of|export|extract|query|drawn|taken|pulled|produced by|generated|runs the|"
    r"prints?|imports?|sends?|creat|builds?|calculat|writes?|lists?|shows?)"
)
COMPLETENESS: Final = re.compile(
    r"\b(?:count|total|query|match|reconcil|compar|agree|complete|hash|100%|all|every|tie[sd]?)\b"
    r"|\b(?:reconcil|compar|match|agree)"
)

DECIDES: Final = re.compile(r"\b(?:approv|review)")
APART: Final = re.compile(
    r"\b(?:second|other than|another|different|separate|independent|cannot|no link|not the|"
    r"nobody|no one|one person|outside|neither|apart|four eyes|two)\b"
)
SETTING: Final = re.compile(
    r"\b(?:setting|configur|rule|parameter|threshold|switched|set to|polic|limit|checks?\b|block|"
    r"refus|enforc|requir)"
)
CHANGED_BY: Final = re.compile(
    r"\b(?:chang|edit|alter|mut|switch|adjust|overrid|modif|disabl|updat)[a-z]*\b[^.;]*"
    r"\b(?:only|by|need|approv|review|ticket|request|through|under|administrator|cannot)"
    r"|\b(?:only|administrator|nobody|cannot)[^.;]*\b(?:chang|edit|alter|switch|adjust|overrid|"
    r"modif|disabl)"
)
