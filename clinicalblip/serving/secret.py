"""The secret that replicas and those who ask them share; a replica keeps its digest alone."""

from pydantic import SecretStr

from clinicalblip.errors import SettingsError


def require_secret(secret: SecretStr | None) -> SecretStr:
    """The secret; raises SettingsError where there is none."""
    if secret is None:
        raise SettingsError(
            "There is no secret for the replicas; set CLINICALBLIP_MODEL_SECRET to the same one for them and for "
            'whoever asks them (python -c "import secrets; print(secrets.token_urlsafe(32))" makes one).'
        )
    return secret
