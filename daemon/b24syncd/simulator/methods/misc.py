"""The small methods: what may I, what time is it, which entries have contact points.

Sources: php modules/rest/classes/general/rest_provider.php (`scope`, `methods`, `method.get`, `server.time`,
`app.info`), docs api-reference/common/, and of api-reference/crm/ the pages
auxiliary/multifield/crm-multifield-fields.md and universal/user-defined-fields/crm-userfield-types.md.
"""

from __future__ import annotations

from b24syncd.simulator import php
from b24syncd.simulator.tables.user_fields import TYPES
from b24syncd.simulator.tables.values import iso

from .calls import GLOBAL, Answer, Call, Method

_SCOPES = """
ai_admin appform baas biconnector bizproc booking calendar calendarmobile call cashbox catalog catalogmobile
configuration.import contact_center crm delivery department disk documentgenerator entity forum
humanresources.hcmlink iblock im im.import imbot imconnector imopenlines intranet landing landing_cloud lists
log mailservice main messageservice mobile notifications pay_system placement pull pull_channel rating rest
rpa sale salescenter sign.b2e smile socialnetwork sonet_group task tasks tasks_extended tasksmobile telephony
timeman user user.userfield user_basic user_brief userconsent userfieldconfig vote
"""
ALL_SCOPES = _SCOPES.split()
"""The scopes of a portal with all its modules (docs: api-reference/scopes/permissions.md)."""
_MULTIFIELD_FIELDS = {"ID": "integer", "TYPE_ID": "string", "VALUE": "string", "VALUE_TYPE": "string"}


def _scope(call: Call) -> Answer:
    # php: `scope` with `full` tells the scopes that the portal's modules have, whatever the webhook may do
    return Answer(ALL_SCOPES if php.truthy(call.parameter("full")) else list(call.caller.scopes))


def _mode(call: Call) -> Answer:
    # php: modules/crm/lib/settings/mode.php `getCurrent`, 1 with leads, 2 without (docs: crm-settings-mode-get.md)
    return Answer(1 if call.portal.options.leads in ("on", "refused") else 2)


def _field_types(_call: Call) -> Answer:
    return Answer([{"ID": kind, "title": kind.replace("_", " ").capitalize()} for kind in TYPES])


def _server_time(call: Call) -> Answer:
    return Answer(iso(call.portal.clock(), call.portal.zone))


def _app_info(call: Call) -> Answer:
    # php: appInfo, the branches for applications (`getClientId`) and for webhooks (`getPasswordId`)
    if call.caller.application is not None:
        return Answer(
            {
                "ID": 1,
                "CODE": call.caller.application,
                "VERSION": 1,
                "STATUS": "L",
                "INSTALLED": call.caller.application not in call.portal.offline_events.unfinished,
                "PAYMENT_EXPIRED": "N",
                "DAYS": None,
                "LANGUAGE_ID": call.portal.options.language,
                "LICENSE": "ru_selfhosted",
            }
        )
    return Answer({"SCOPE": list(call.caller.scopes), "LICENSE": "ru_selfhosted"})


def _multifield_fields(_call: Call) -> Answer:
    return Answer(
        {
            name: {
                "type": kind,
                "isRequired": False,
                "isReadOnly": name == "ID",
                "isImmutable": name == "TYPE_ID",
                "isMultiple": False,
                "isDynamic": False,
                "title": name,
            }
            for name, kind in _MULTIFIELD_FIELDS.items()
        }
    )


METHODS = {
    "scope": Method((GLOBAL,), _scope),
    "server.time": Method((GLOBAL,), _server_time),
    "app.info": Method((GLOBAL,), _app_info),
    "crm.settings.mode.get": Method(("crm",), _mode),
    "crm.userfield.types": Method(("crm",), _field_types),
    "crm.multifield.fields": Method(("crm",), _multifield_fields),
}
