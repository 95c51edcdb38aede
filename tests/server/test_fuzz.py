"""A few requests of every kind that the description allows.

By hand, for longer, and with those that it does not:

    schemathesis run http://127.0.0.1:7860/api/v1/openapi.json
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

schemathesis = pytest.importorskip("schemathesis")


@pytest.fixture(scope="module")
def operations(served):
    schema = schemathesis.openapi.from_url(str(served.client.base_url.join("openapi.json")))
    return [found.ok() for found in schema.get_all_operations()]


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_answer_is_one_that_is_described(served, operations, line_art, data):
    operation = data.draw(st.sampled_from(operations), "operation")
    case = data.draw(operation.as_strategy(), "request")
    if "id" in case.path_parameters and data.draw(st.booleans(), "of an open session"):
        if not len(served.sessions):
            served.open(line_art)
        case.path_parameters["id"] = next(iter(served.sessions)).id
    if isinstance(case.body, dict) and "file" in case.body and data.draw(st.booleans(), "picture"):
        case.body["file"] = line_art
    answer = case.call()
    assert answer.status_code < 500, answer.text
    case.validate_response(
        answer, excluded_checks=[schemathesis.checks.positive_data_acceptance]
    )  # as not every file is a picture
