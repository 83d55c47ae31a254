"""Commands that start at once: what is plain needs no library to be understood."""

from __future__ import annotations

from functools import partial
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from typer import BadParameter
from typer.core import TyperGroup

from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_id


class QuickGroup(TyperGroup):
    """A group whose commands take plain values as they are.

    Typer hands every value to Pydantic, which takes 130 ms to load: more than most of what is asked. Whatever is not
    plainly right still goes that way; a number or a choice that it refuses is told in this program's own words.
    """

    def get_help_option(self, ctx: Any) -> Any:
        """The option as Typer makes it, with a value of its own where nobody asks for help."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.default = False
        return option

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command as Typer makes it, with values that are understood at once."""
        command = super().get_command(ctx, cmd_name)
        parameters: list[Any] = [] if command is None else [*command.params, command.get_help_option(ctx)]
        for parameter in parameters:
            if hasattr(parameter, "type_descriptor"):
                parameter.get_runtime_param = partial(_Plain, parameter.get_runtime_param)
        return command


class _Plain:
    """Stands where Typer's own understanding of a parameter does, which ``whole`` makes."""

    def __init__(self, whole: Any) -> None:
        self._whole = whole

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        """The value of a parameter, as Typer's own understanding gives it."""
        many = param.multiple or param.nargs == -1
        if value is None or (not many and value is param.default):
            return () if many else value
        descriptor = param.type_descriptor
        if descriptor.parameter_info.parser is None and not many:
            found = plain_value(value, descriptor.annotation, descriptor.parameter_info)
            if found is not None:
                return found
        try:
            return self._whole().coerce(value, param=param, ctx=ctx)
        except BadParameter as error:
            if descriptor.parameter_info.parser is None:  # which says itself what it takes
                error.message = refusal(value, descriptor.annotation, descriptor.parameter_info) or error.message
            raise


def plain_value(value: Any, annotation: Any, limits: Any) -> Any:
    """The value of a text that plainly is of a type: a text, a whole number in its limits (``min``, ``max``), one of
    the values of a choice. None where it takes more to say."""
    annotation = _given(annotation)
    if annotation is bool and isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    if annotation is str:
        return value
    if get_origin(annotation) is Literal:
        return value if value in get_args(annotation) else None
    if annotation is int and value.isascii() and value.isdecimal() and len(value) < 19:
        number = int(value)
        low, high = limits.min, limits.max
        return number if (low is None or number >= low) and (high is None or number <= high) else None
    return None


def refusal(value: Any, annotation: Any, limits: Any) -> str | None:
    """What to say of a value that is not of its type: a number, in its limits, or one of the values of a choice. None
    where it is to be another thing."""
    annotation, shown = _given(annotation), repr(neutral_id(str(value)))
    if get_origin(annotation) is Literal:
        return say("cli.no_such_choice", value=shown, names=", ".join(map(str, get_args(annotation))))
    if annotation not in (int, float):
        return None
    said = "" if limits.min is None else say("cli.number_from", least=limits.min)
    said += "" if limits.max is None else say("cli.number_to", most=f"{limits.max:,}")
    return say("cli.no_whole_number" if annotation is int else "cli.no_number", value=shown, limits=said)


def _given(annotation: Any) -> Any:
    """The type of a value that is given, of an option that may be left out."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    known = [one for one in get_args(annotation) if one is not NoneType]
    return known[0] if len(known) == 1 else annotation
