"""Work ahead: results in the order of their items, errors in their place, no thread left behind."""

import threading
import time

import pytest

from facediff._ahead import ahead, in_order


def threads_of_ours():
    return [thread for thread in threading.enumerate() if thread.name.startswith("facediff")]


def double(number):
    return 2 * number


# in_order


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 30])
def test_results_come_in_the_order_of_their_items(workers, count):
    assert list(in_order(double, range(count), workers)) == [2 * number for number in range(count)]
    assert threads_of_ours() == []


def test_a_slow_item_is_waited_for():
    slow = threading.Event()

    def work(number):
        if number == 0:
            slow.wait(10)  # until a later one is done
        else:
            slow.set()
        return number

    assert list(in_order(work, range(5), 2)) == [0, 1, 2, 3, 4]


def test_items_are_worked_on_at_once():
    met = threading.Barrier(3, timeout=10)  # breaks unless three are in it

    def work(number):
        met.wait()
        return number

    assert list(in_order(work, range(6), 3)) == list(range(6))


def test_only_a_few_items_are_taken_ahead():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    results = in_order(double, items(), 2)
    assert taken == []
    for number in range(5):
        assert next(results) == 2 * number
        assert len(taken) <= number + 1 + 2
    results.close()
    assert threads_of_ours() == []


def test_an_error_of_the_function_comes_in_its_place():
    def work(number):
        if number == 3:
            raise ValueError("three is refused")
        return number

    results = in_order(work, range(10), 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="three is refused"):
        next(results)
    assert threads_of_ours() == []
    with pytest.raises(StopIteration):
        next(results)


def test_an_error_of_the_items_comes_after_all_that_came_before_it():
    def items():
        yield from range(3)
        raise OSError("the disk is gone")

    results = in_order(double, items(), 4)  # more workers than items: all are still under way
    assert [next(results) for _ in range(3)] == [0, 2, 4]
    with pytest.raises(OSError, match="the disk is gone"):
        next(results)
    assert threads_of_ours() == []


def test_of_two_errors_the_first_comes():
    def items():
        yield 1
        raise OSError("the disk is gone")

    def refuse(number):
        raise ValueError(f"{number} is refused")

    with pytest.raises(ValueError, match="1 is refused"):
        list(in_order(refuse, items(), 2))


def test_an_interruption_is_not_held_back():
    def items():
        yield 1
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(in_order(double, items(), 4))
    assert threads_of_ours() == []


def test_closing_waits_for_what_is_under_way_and_cancels_the_rest():
    begun, ended = [], []

    def work(number):
        begun.append(number)
        time.sleep(0.01)
        ended.append(number)
        return number

    results = in_order(work, range(100), 2)
    assert next(results) == 0
    assert len(threads_of_ours()) == 2
    results.close()
    assert threads_of_ours() == []
    assert sorted(begun) == sorted(ended)
    assert len(begun) <= 4


def test_no_items_that_can_be_gone_through():
    with pytest.raises(TypeError, match="'int' object is not iterable"):
        next(in_order(double, 5, 2))


# ahead


def test_ahead_yields_what_comes():
    assert list(ahead(number for number in range(20))) == list(range(20))
    assert threads_of_ours() == []


def test_closing_ahead_closes_its_source():
    closed = []

    def source():
        try:
            yield from range(100)
        finally:
            closed.append(True)

    items = ahead(source())
    assert next(items) == 0
    items.close()
    assert (closed, threads_of_ours()) == ([True], [])
