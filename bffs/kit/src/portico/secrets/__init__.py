"""Secrets of a process: given by environment or by file, shown by nothing."""

from portico.secrets.files import SECRET_SETTINGS, SecretRefused, with_secrets
from portico.secrets.secret import Secret

__all__ = ["SECRET_SETTINGS", "Secret", "SecretRefused", "with_secrets"]
