"""Sabotages of promise 9: secrets stay secret."""

from __future__ import annotations

from tests.attack.sabotaged import Sabotage

SABOTAGES = (
    Sabotage(
        9,
        "logs are not redacted",
        "observe/logs.py",
        '    return cast("EventDict", _redaction.plain(event))\n',
        "    return event\n",
        "unit/test_observe_logs.py::test_no_secret_is_ever_logged",
    ),
    Sabotage(
        9,
        "what is told of a failure is not redacted",
        "cli/failures.py",
        "return [redacted(line) for text in texts",
        "return [line for text in texts",
        "unit/test_cli_main.py::TestFailures::test_a_secret_in_a_failure_is_hidden",
    ),
    Sabotage(
        9,
        "the error of a connection holds the address",
        "portal/wire/transport.py",
        "fault = no_connection(error, self._host, self._where,",
        "fault = no_connection(error, self._host, self._base_url,",
        "contract/test_client_connections.py::test_an_unreachable_portal",
    ),
    Sabotage(
        9,
        "an error in which the portal quotes the secret is passed on",
        "portal/wire/transport.py",
        "            body = without(secret, body)\n",
        "            continue\n",
        "contract/test_client_connections.py::test_what_is_wrong_is_told_in_one_sentence_without_the_secret",
    ),
    Sabotage(
        9,
        "the exception of the library, which holds the address, hangs on ours",
        "portal/wire/transport.py",
        '            fault = NotOurs(f"{self._where} answered with something that is not HTTP',
        '            raise NotOurs(f"{self._where} answered with something that is not HTTP',
        "contract/test_client_connections.py::test_what_is_wrong_is_told_in_one_sentence_without_the_secret",
    ),
    Sabotage(
        9,
        "a webhook shows its secret where it is printed",
        "settings/webhook.py",
        '        return f"<Webhook {self.redacted}>"\n',
        '        return f"<Webhook {self.base_url}>"\n',
        "unit/test_settings_webhook.py::test_a_webhook_is_read",
    ),
    Sabotage(
        9,
        "the state remembers its portal by the address with the secret",
        "session.py",
        "    host = settings.portal.host\n",
        "    host = settings.portal.webhook.base_url if settings.portal.webhook else ''\n",
        "engine/test_secrets.py::test_no_file_of_the_state_holds_the_secret",
    ),
    Sabotage(
        9,
        "the state may be read by everybody on the machine",
        "store/lock.py",
        "os.O_CREAT | os.O_CLOEXEC, 0o600)",
        "os.O_CREAT | os.O_CLOEXEC, 0o644)",
        "store/test_opening.py::test_files_are_private",
    ),
    Sabotage(
        9,
        "a file with the webhook that others may read is accepted",
        "settings/secret_files.py",
        "    return bool(status.st_mode & _OPEN_TO_OTHERS)\n",
        "    return False\n",
        "unit/test_settings_webhook.py::test_a_file_with_the_secret_that_others_may_read_is_refused",
    ),
    Sabotage(
        9,
        "health and metrics are told to whoever knows no token",
        "web/guard.py",
        "        if not is_for_all and not bears(",
        "        if is_for_all and not bears(",
        "engine/test_tcp_door.py::test_a_token_is_demanded_whatever_is_asked",
    ),
    Sabotage(
        9,
        "a page whose name leads to this machine reads the metrics",
        "web/guard.py",
        "        if http.is_open and not names_this_machine(",
        "        if not http.is_open and not names_this_machine(",
        "engine/test_tcp_door.py::test_a_page_whose_name_leads_here_reads_nothing",
    ),
    Sabotage(
        9,
        "a metric names whatever method was called",
        "web/monitoring/methods.py",
        "    return method if method in KNOWN else OTHER\n",
        "    return method\n",
        "unit/test_metric_samples.py::test_labels_have_known_values_whatever_is_told",
    ),
)
