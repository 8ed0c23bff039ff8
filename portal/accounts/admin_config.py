from django.contrib.admin.apps import AdminConfig


class HouseAdminConfig(AdminConfig):
    """Instead of django.contrib.admin in INSTALLED_APPS."""

    default_site = "portal.accounts.admin_site.HouseAdminSite"
