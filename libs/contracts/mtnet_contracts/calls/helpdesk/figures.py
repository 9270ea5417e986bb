"""Figures of the desk for those who lead it: how much, how soon, how well."""

from marshmallow import fields

from mtnet_contracts.calls.call import Call
from mtnet_contracts.vocabulary.desk import DESK_CHANNELS, DESK_TEAMS, TICKET_CATEGORIES
from mtnet_contracts.vocabulary.kinds import Choice, Day
from mtnet_contracts.vocabulary.shapes import Shape


class DeskFiguresRequest(Shape):
    """Of tickets that were opened on these days in Taipei, both among them, at most 366; of one channel, system or
    team, or of all.
    """

    from_day = Day(required=True)
    to_day = Day(required=True)
    channel = Choice(*DESK_CHANNELS, load_default=None, allow_none=True)
    category = Choice(*TICKET_CATEGORIES, "none", load_default=None, allow_none=True)
    team = Choice(*DESK_TEAMS, load_default=None, allow_none=True)


class FigureSums(Shape):
    """How many were opened, how many of those are answered and solved by now, and how many within their deadlines.
    `unanswered_late`, `unsolved_late`: how many are past the deadline at this moment and still wait.

    Times are in seconds from opening, within about 15 %: the median, and in what time nine of ten were done; None for
    none. `points`: all that those `rated` gave, each 1 to 5.
    """

    opened = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    answered_in_time = fields.Integer(required=True)
    unanswered_late = fields.Integer(required=True)
    solved = fields.Integer(required=True)
    solved_in_time = fields.Integer(required=True)
    unsolved_late = fields.Integer(required=True)
    rated = fields.Integer(required=True)
    points = fields.Integer(required=True)
    first_answer_median = fields.Integer(required=True, allow_none=True)
    first_answer_most = fields.Integer(required=True, allow_none=True)
    solution_median = fields.Integer(required=True, allow_none=True)
    solution_most = fields.Integer(required=True, allow_none=True)


class FigureGroup(FigureSums):
    """`code`: a channel, a system (`none`: not sorted yet) or a team."""

    code = fields.String(required=True)


class FigureDay(Shape):
    """Of those opened on that day, how many are answered and solved by now."""

    day = Day(required=True)
    opened = fields.Integer(required=True)
    answered = fields.Integer(required=True)
    solved = fields.Integer(required=True)


class FigureHours(Shape):
    """How many were opened in each hour of the day, from 0 to 23, on all days together."""

    channel = Choice(*DESK_CHANNELS, required=True)
    opened = fields.List(fields.Integer(), required=True)


class MostUsedAnswer(Shape):
    """A question that the desk keeps an answer to, by locale, and how often that was put into an answer."""

    answer_id = fields.UUID(required=True)
    question = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    used = fields.Integer(required=True)


class DeskFiguresReply(Shape):
    """`current`: False while changes of the last minute are still to be counted. `ratings`: how many said 1 to 5.
    `answers`: those most used in these days, by whatever channel, system or team, most first.

    `days` are all of them, oldest first; groups those with something, most first.
    """

    current = fields.Boolean(required=True)
    total = fields.Nested(FigureSums, required=True)
    ratings = fields.List(fields.Integer(), required=True)
    days = fields.List(fields.Nested(FigureDay), required=True)
    hours = fields.List(fields.Nested(FigureHours), required=True)
    channels = fields.List(fields.Nested(FigureGroup), required=True)
    categories = fields.List(fields.Nested(FigureGroup), required=True)
    teams = fields.List(fields.Nested(FigureGroup), required=True)
    answers = fields.List(fields.Nested(MostUsedAnswer), load_default=list)


DESK_FIGURES = Call(
    service="helpdesk", name="desk_figures", request=DeskFiguresRequest, reply=DeskFiguresReply
)
