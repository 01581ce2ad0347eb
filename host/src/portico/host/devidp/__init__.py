"""An OpenID provider for development and tests: no passwords, so never for anything else."""

from portico.host.devidp.app import create_dev_provider
from portico.host.devidp.config import DevClient, DevPerson, DevProviderConfig

__all__ = ["DevClient", "DevPerson", "DevProviderConfig", "create_dev_provider"]
