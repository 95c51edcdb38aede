"""The errors that a user can meet. Each message is one line: what was wrong and what to do."""


class NurieError(Exception):
    """Something the user can mend; the command line prints it and exits with status 2."""


class UnreadableImage(NurieError):
    """The file is no picture, or a damaged one."""


class ImageTooLarge(NurieError):
    """The picture has more pixels than the limit allows."""


class DamagedModel(NurieError):
    """A model file's SHA-256 differs from the registry's, or ONNX Runtime refuses it."""


class UnknownModel(NurieError):
    """No model of that name is registered and no file of that name exists."""


class MissingExtra(NurieError):
    """A command needs an optional part of nurie that is not installed."""

    def __init__(self, extra: str, purpose: str):
        super().__init__(f"{purpose} needs an optional part: pip install 'nurie[{extra}]'")
