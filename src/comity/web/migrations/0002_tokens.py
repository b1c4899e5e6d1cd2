"""Tokens by which programs call from a desk."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A table of tokens: hashes, never the tokens themselves."""

    dependencies = [("room", "0001_people")]
    operations = [
        migrations.CreateModel(
            name="Token",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token_hash", models.CharField(max_length=64, unique=True)),
                ("label", models.CharField(max_length=80)),
                ("member", models.CharField(max_length=32)),
                ("office", models.CharField(max_length=64)),
                ("created", models.DateTimeField()),
                ("last_used", models.DateTimeField(null=True)),
                ("revoked", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to="room.person",
                    ),
                ),
            ],
        ),
    ]
