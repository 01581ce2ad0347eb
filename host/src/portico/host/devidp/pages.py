"""The provider's pages."""

from portico.host.plain import PlainPages

pages = PlainPages("portico.host.devidp")
