"""What openapi.json says, and whether an answer keeps to it."""

import json

from jsonschema import Draft202012Validator

# What OpenAPI 3.1 has names for.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# Of every answer; openapi.json says so once. Connection is told where an answer always has it.
EVERYWHERE = {"date", "content-type", "content-length", "connection"}


class Description:
    def __init__(self, text):
        self.document = json.loads(text)
        self.seen = set()

    def resolved(self, value):
        while "$ref" in value:
            target = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                target = target[name.replace("~1", "/")]
            value = target
        return value

    def operations(self):
        """(method, path) of all."""
        for path, item in self.document["paths"].items():
            for method in item:
                if method.upper() in METHODS:
                    yield method.upper(), path

    def methods(self, path):
        return {method for method, its_path in self.operations() if its_path == path}

    def responses(self, method, path):
        """Status to response."""
        responses = self.document["paths"][path][method.lower()]["responses"]
        return {int(status): self.resolved(response) for status, response in responses.items()}

    def all_statuses(self):
        return {(*operation, status) for operation in self.operations() for status in self.responses(*operation)}

    def validate(self, value, schema):
        # References lead into the components of the schema's own document.
        whole = {**schema, "components": self.document["components"]}
        Draft202012Validator(whole).validate(value)

    def check(self, method, path, answer):
        """That answer is among those of the operation, and is as it says."""
        responses = self.responses(method, path)
        assert answer.status in responses, f"{method} {path}: {answer}"
        self.check_response(responses[answer.status], answer, is_head=method == "HEAD")
        self.seen.add((method, path, answer.status))

    def check_general(self, name, answer):
        """That it is this one of the components."""
        response = self.document["components"]["responses"][name]
        assert answer.status == int(response["x-status"]), answer
        self.check_response(response, answer)

    def check_response(self, response, answer, is_head=False):
        described = {name.lower(): self.resolved(header) for name, header in response.get("headers", {}).items()}
        required = {name for name, header in described.items() if header.get("required")}
        assert required <= answer.headers.keys() <= described.keys() | EVERYWHERE, answer
        assert "date" in answer.headers
        for name, header in described.items():
            if name in answer.headers:
                self.validate(answer.headers[name], header["schema"])
        content = response.get("content")
        if content is None:
            assert answer.body == b"" and "content-type" not in answer.headers, answer
            return
        media = answer.headers["content-type"].partition(";")[0]
        assert media in content, answer
        if not is_head:
            text = answer.body.decode()
            self.validate(json.loads(text) if media == "application/json" else text, content[media]["schema"])

    def examples(self):
        """(where, value, schema) of every one."""
        yield from self._examples_below("#", self.document)

    def _examples_below(self, where, value):
        if isinstance(value, list):
            for item in value:
                yield from self._examples_below(where, item)
        if not isinstance(value, dict):
            return
        if isinstance(value.get("schema"), dict):
            for example in value.get("examples", {}).values():
                yield where, example["value"], value["schema"]
            if "example" in value:
                yield where, value["example"], value["schema"]
        elif isinstance(value.get("examples"), list):
            for example in value["examples"]:
                yield where, example, value
        for name, item in value.items():
            yield from self._examples_below(f"{where}/{name}", item)
