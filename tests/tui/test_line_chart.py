"""Line charts: where dots stand is worked out by hand."""

from __future__ import annotations

import pytest

from recsys_tui.tui.widgets.line_chart import Reference, Scale, Series, line_chart, smoothed, thinned


def plain(*arguments: object, **options: object) -> list[str]:
    return [line.plain for line in line_chart(*arguments, **options)]  # type: ignore[arg-type]


def test_a_rising_line_goes_from_the_lower_left_to_the_upper_right():
    lines = plain([Series(((0.0, 0.0), (1.0, 1.0)))], 12, 5, form=".0f")
    # Two cells for the axis, ten for the line: four rows of four dots, ten columns of two.
    assert lines[-1] == " └" + "─" * 10
    assert [line[:2] for line in lines[:-1]] == ["1┤", " │", " │", "0┤"]
    field = [line[2:] for line in lines[:-1]]
    assert field[0][-1] == "⠉" or ord(field[0][-1]) & 0x08, "the last dot is the right one of the top row"
    assert ord(field[3][0]) & 0x40, "the first dot is the left one of the bottom row"
    assert field[3][-1] == " "
    assert field[0][0] == " "


def test_every_line_is_as_wide_as_asked_and_as_many_as_asked():
    points = tuple((float(place), 5.0 / (1 + place)) for place in range(300))
    for width in (20, 37, 80):
        lines = plain([Series(points, "deep")], width, 9, references=[Reference(1.0, "EASE .158")], log=True)
        assert len(lines) == 9
        assert {len(line) for line in lines} == {width}


def test_a_logarithmic_axis_gives_equal_ratios_equal_heights():
    scale = Scale.over([0.1, 10.0], log=True)
    assert [scale.share(value) for value in (0.1, 1.0, 10.0)] == pytest.approx([0, 0.5, 1])
    assert scale.at(0.5) == pytest.approx(1.0)
    linear = Scale.over([0.0, 10.0])
    assert [linear.share(value) for value in (0.0, 1.0, 10.0, 12.0)] == pytest.approx([0, 0.1, 1, 1])


def test_equal_values_and_losses_of_zero_have_a_scale_too():
    for values in ([2.0], [0.0, 0.0], [3.5, 3.5]):
        for log in (False, True):
            scale = Scale.over(values, log)
            assert scale.low < scale.high
            assert 0 <= scale.share(values[0]) <= 1


def test_points_are_averaged_for_each_column():
    points = [(0.0, 1.0), (0.1, 3.0), (1.0, 8.0)]
    assert thinned(points, 2, (0.0, 1.0)) == [(0, 2.0), (1, 8.0)]
    assert thinned([(4.0, 7.0)], 10, (4.0, 4.0)) == [(9, 7.0)]
    many = [(float(place), float(place)) for place in range(10_000)]
    assert len(thinned(many, 60, (0.0, 9_999.0))) == 60


def test_a_reference_is_dashed_and_named_at_its_height():
    lines = plain([Series(((1.0, 0.0), (2.0, 1.0)))], 40, 12, references=[Reference(0.5, "EASE .500")], form=".2f")
    (row,) = [number for number, line in enumerate(lines) if "EASE .500" in line]
    assert row in (4, 5, 6)
    assert "╌" in lines[5]


def test_references_that_fall_together_are_both_named():
    references = [Reference(0.50, "EASE .500"), Reference(0.51, "neighbours .510"), Reference(0.0, "none .000")]
    text = "\n".join(plain([], 60, 9, references=references))
    assert "EASE .500" in text
    assert "neighbours .510" in text


def test_a_line_never_hides_the_name_of_a_reference():
    flat = Series(tuple((float(x), 0.3) for x in range(10)))
    text = "\n".join(plain([flat], 40, 9, references=[Reference(0.3, "sequence .300"), Reference(0.1, "EASE .100")]))
    assert "sequence .300" in text


def test_nothing_to_draw_or_no_room_is_no_chart():
    assert line_chart([], 40, 10) == []
    assert line_chart([Series(())], 40, 10) == []
    assert line_chart([Series(((0.0, 1.0),))], 8, 10) == []
    assert line_chart([Series(((0.0, 1.0),))], 40, 2) == []


def test_labels_of_the_x_axis_stand_at_its_ends():
    last = plain([Series(((1.0, 1.0), (5.0, 2.0)))], 40, 8, x_labels=("1", "epoch 5"))[-1]
    assert last.lstrip(" ").startswith("└1─")
    assert last.endswith("─epoch 5")


def test_smoothing_begins_at_the_first_value_and_follows_slowly():
    assert smoothed([]) == ()
    assert smoothed([(0.0, 4.0), (1.0, 8.0), (2.0, 5.0)], 0.5) == ((0.0, 4.0), (1.0, 6.0), (2.0, 5.5))
