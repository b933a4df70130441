"""The JMeter plan, made from the endpoints: ``python bench/load.py plan`` rewrites the file.

Made of the elements of Apache JMeter 5 alone (no plugins). Every endpoint is a thread group with

- a set of requests (``DATA/NAME.csv``, columns path and body),
- a precise throughput timer: arrivals as of many independent callers, so many a second,
- assertions: the status, the field or the last event that a right answer has, its size.

Properties (``-Jname=value``): ``host``, ``port``, ``key``, ``data``, ``ramp`` and ``duration`` in
seconds, and of each endpoint ``NAME.threads`` and ``NAME.tps``. Threads are 0 unless given: a
thread group without threads does not run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from load.endpoints import ENDPOINTS, Endpoint

PLAN = Path(__file__).parents[2] / "deploy" / "load" / "nadeuri.jmx"
TIMEOUT_MS = 30_000
_KINDS = {bool: "boolProp", int: "intProp", str: "stringProp"}


def plan_xml(endpoints: Sequence[Endpoint] = ENDPOINTS) -> str:
    """The plan as JMeter stores it."""
    root = Element("jmeterTestPlan", version="1.2", properties="5.0", jmeter="5.5")
    top = SubElement(root, "hashTree")
    plan = _element(top, "TestPlan", "TestPlanGui", "Nadeuri")
    _set(
        plan,
        {
            "TestPlan.comments": "Made by bench/load.py plan; see there for its properties.",
            "TestPlan.functional_mode": False,
            "TestPlan.serialize_threadgroups": False,
        },
    )
    _arguments(plan, "TestPlan.user_defined_variables", "Arguments.arguments")
    inside = SubElement(top, "hashTree")
    _defaults(inside)
    _headers(inside)
    for endpoint in endpoints:
        _group(inside, endpoint)
    ElementTree.indent(root, " ")
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _element(parent: Element, kind: str, gui: str, name: str) -> Element:
    return SubElement(parent, kind, guiclass=gui, testclass=kind, testname=name, enabled="true")


def _set(element: Element, values: dict[str, bool | int | str]) -> None:
    for name, value in values.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        SubElement(element, _KINDS[type(value)], name=name).text = text


def _arguments(parent: Element, name: str, collection: str) -> Element:
    holder = SubElement(parent, "elementProp", name=name, elementType="Arguments")
    return SubElement(holder, "collectionProp", name=collection)


def _leaf(parent: Element, kind: str, gui: str, name: str) -> Element:
    """An element that has none below it."""
    element = _element(parent, kind, gui, name)
    SubElement(parent, "hashTree")
    return element


def _defaults(parent: Element) -> None:
    defaults = _leaf(parent, "ConfigTestElement", "HttpDefaultsGui", "Address of the API")
    _arguments(defaults, "HTTPsampler.Arguments", "Arguments.arguments")
    _set(
        defaults,
        {
            "HTTPSampler.domain": "${__P(host,127.0.0.1)}",
            "HTTPSampler.port": "${__P(port,8000)}",
            "HTTPSampler.protocol": "${__P(protocol,http)}",
            "HTTPSampler.contentEncoding": "UTF-8",
            "HTTPSampler.implementation": "HttpClient4",
            "HTTPSampler.connect_timeout": str(TIMEOUT_MS),
            "HTTPSampler.response_timeout": str(TIMEOUT_MS),
        },
    )


def _headers(parent: Element) -> None:
    manager = _leaf(parent, "HeaderManager", "HeaderPanel", "Headers")
    headers = SubElement(manager, "collectionProp", name="HeaderManager.headers")
    values = {
        "Content-Type": "application/json",
        "Authorization": "Bearer ${__P(key,none)}",
        "Connection": "close",
    }
    for name, value in values.items():
        header = SubElement(headers, "elementProp", name=name, elementType="Header")
        _set(header, {"Header.name": name, "Header.value": value})


def _group(parent: Element, endpoint: Endpoint) -> None:
    name = endpoint.name
    group = _element(parent, "ThreadGroup", "ThreadGroupGui", name)
    _set(group, {"ThreadGroup.on_sample_error": "continue"})
    loop = SubElement(
        group,
        "elementProp",
        name="ThreadGroup.main_controller",
        elementType="LoopController",
        guiclass="LoopControlPanel",
        testclass="LoopController",
    )
    _set(loop, {"LoopController.continue_forever": False, "LoopController.loops": "-1"})
    _set(
        group,
        {
            "ThreadGroup.num_threads": f"${{__P({name}.threads,0)}}",
            "ThreadGroup.ramp_time": "${__P(ramp,5)}",
            "ThreadGroup.scheduler": True,
            "ThreadGroup.duration": "${__P(duration,30)}",
            "ThreadGroup.delay": "0",
            "ThreadGroup.same_user_on_next_iteration": True,
        },
    )
    inside = SubElement(parent, "hashTree")
    _data(inside, name)
    _timer(inside, name)
    _sampler(inside, endpoint)


def _data(parent: Element, name: str) -> None:
    data = _leaf(parent, "CSVDataSet", "TestBeanGUI", "Requests")
    _set(
        data,
        {
            "filename": f"${{__P(data,requests)}}/{name}.csv",
            "fileEncoding": "UTF-8",
            "variableNames": "",
            "ignoreFirstLine": False,
            "delimiter": ",",
            "quotedData": True,
            "recycle": True,
            "stopThread": False,
            "shareMode": "shareMode.group",
        },
    )


def _timer(parent: Element, name: str) -> None:
    timer = _leaf(parent, "PreciseThroughputTimer", "TestBeanGUI", "Requests a second")
    _set(
        timer,
        {
            "throughput": f"${{__P({name}.tps,1)}}",
            "throughputPeriod": 1,
            "duration": "${__P(duration,30)}",
            "batchSize": 1,
            "batchThreadDelay": 0,
            "randomSeed": "0",
        },
    )


def _sampler(parent: Element, endpoint: Endpoint) -> None:
    sampler = _element(parent, "HTTPSamplerProxy", "HttpTestSampleGui", endpoint.name)
    posts = endpoint.method == "POST"
    _set(
        sampler,
        {
            "TestPlan.comments": f"{endpoint.method} {endpoint.path}",
            "HTTPSampler.path": "${path}",
            "HTTPSampler.method": endpoint.method,
            "HTTPSampler.use_keepalive": False,
            "HTTPSampler.follow_redirects": False,
            "HTTPSampler.postBodyRaw": posts,
        },
    )
    arguments = _arguments(sampler, "HTTPsampler.Arguments", "Arguments.arguments")
    if posts:
        body = SubElement(arguments, "elementProp", name="", elementType="HTTPArgument")
        _set(
            body,
            {
                "HTTPArgument.always_encode": False,
                "Argument.value": "${body}",
                "Argument.metadata": "=",
            },
        )
    inside = SubElement(parent, "hashTree")
    statuses = "|".join(map(str, endpoint.accepted))
    _response(inside, "status", "Assertion.response_code", f"^({statuses})$", 1)
    if endpoint.event is not None:
        _response(inside, "last event", "Assertion.response_data", f"event: {endpoint.event}", 2)
    elif endpoint.accepted == (200,) and endpoint.field is not None:
        field = _leaf(inside, "JSONPathAssertion", "JSONPathAssertionGui", f"{endpoint.field}")
        _set(
            field,
            {
                "JSON_PATH": f"$.{endpoint.field}",
                "JSONVALIDATION": False,
                "EXPECT_NULL": False,
                "INVERT": False,
                "ISREGEX": False,
            },
        )
    size = _leaf(inside, "SizeAssertion", "SizeAssertionGui", "size")
    _set(
        size,
        {
            "Assertion.test_field": "SizeAssertion.response_data",
            "SizeAssertion.operator": 3,  # greater than
            "SizeAssertion.size": "10",
        },
    )


def _response(parent: Element, name: str, field: str, text: str, kind: int) -> None:
    """An assertion about the answer; kind 1 is a whole match, 2 is a part (JMeter's bits)."""
    assertion = _leaf(parent, "ResponseAssertion", "AssertionGui", name)
    texts = SubElement(assertion, "collectionProp", name="Asserion.test_strings")  # JMeter's word
    SubElement(texts, "stringProp", name=name).text = text
    _set(
        assertion,
        {
            "Assertion.test_field": field,
            "Assertion.assume_success": field == "Assertion.response_code",
            "Assertion.test_type": kind,
        },
    )
