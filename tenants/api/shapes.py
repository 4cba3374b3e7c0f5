"""Shapes that several subjects show."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from tenants.choices import OrganizationKind


class OrganizationName(serializers.Serializer[Any]):
    """An organization by id, name and kind."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    kind = serializers.ChoiceField(OrganizationKind.choices, read_only=True)


class PersonName(serializers.Serializer[Any]):
    """A person by id, name and address."""

    id = serializers.UUIDField(read_only=True)
    name = serializers.CharField(read_only=True)
    email = serializers.EmailField(read_only=True)
