"""b24syncd keeps the CRM data of a Bitrix24 portal right."""

__version__ = "0.1.0"
