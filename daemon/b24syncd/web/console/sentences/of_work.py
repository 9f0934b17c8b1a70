"""What the work says: of the portal and the way to it, of limits, of what is refused, and of what was asked for.

Each stands somewhere in the program as it stands here, as a whole or as one half of a sentence with its cure
(tests/console/test_sentences.py). What the portal itself says, names, and what only the log tells, stay as they are.
"""

from __future__ import annotations

from typing import Final

from b24syncd.web.console.language import marked

SENTENCES: Final = (
    # the portal, and the way to it
    marked("the portal has blocked its REST API because of overload; Bitrix24's support can lift the block"),
    marked("the portal was deleted or is closed"),
    marked("the portal's plan is not paid for"),
    marked("the portal's plan does not include the REST API"),
    marked("the portal answered that there are too many requests"),
    marked("grant it in the portal under Developer resources"),
    marked(
        "grant it in the portal under Developer resources → the application → permissions, then call"
        " `b24syncd auth login`"
    ),
    marked("check that it exists, is active and belongs to this portal"),
    marked("check that it is installed and open to its user, then call `b24syncd auth login`"),
    marked("the portal tells events to applications only, and a webhook is none; see [portal.oauth]"),
    marked("the portal tells events to administrators only"),
    marked("the portal's plan does not include it"),
    marked("what it was given does not count any more"),
    marked("client id and secret do not belong together, or the application is not installed in this portal"),
    marked("compare them with its card"),
    marked("the application is not installed any more"),
    marked("is portal.oauth.server right?"),
    marked("webhook"),
    marked("application"),
    marked("check how the host is written, and this machine's DNS"),
    marked("the name is unknown"),
    marked("no answer to the attempt to connect"),
    marked("set this machine's clock, or let the portal's certificate be renewed"),
    # what stops the work, and what is in its way
    marked("go on with --continue"),
    marked("go on with `b24syncd backfill --continue`"),
    marked("go on with `b24syncd backfill --continue`, or end this and begin again with `b24syncd run --continue`,"),
    marked("look at the rights of the user that b24syncd works as, or go on with --continue"),
    marked("look at the portal and at the rights of the user that b24syncd works as, or go on with --continue"),
    marked("look at the portal's fields, or go on with --continue"),
    marked("first corrections of this state"),
    marked("first corrections"),
    # what became of one item
    marked("the item is gone"),
    marked("the item to bind to is gone"),
    marked("the configuration names another field by now"),
    marked("it is of a field that this run does not read"),
    marked("a person is asked, for a part of a write shows"),
    marked("somebody changed the field between the update and the reading of what it left"),
    marked("the portal answered that it was done, but the item does not show it"),
    marked(
        "the portal saves nothing of an item with a malformed phone or e-mail: mend that first, in the portal or by its"
        " review"
    ),
    # what was asked for
    marked("nothing was done"),
    marked("nothing was changed"),
    marked("nothing was dismissed"),
    marked("nothing was reopened"),
    marked("nothing was released"),
    marked("no open review that is meant can be accepted"),
    marked("it was taken back before it had begun"),
    marked("the service ends before the command did"),
    marked("the service took over other settings before this ended"),
    marked("the same command goes on from here"),
    marked("unexpected failure of the service; its log tells more"),
    marked("--as-is writes it to the letter"),
)

PATTERNS: Final = (
    # the portal, and the way to it
    marked("the portal did not answer within {} s"),
    marked("the portal has not answered a request for more than {} s"),
    marked("the portal answered HTTP {}: too many requests"),
    marked("the portal answered {}"),
    marked("the connection to the portal broke ({})"),
    marked("the {} lacks a permission ({})"),
    marked("the webhook has no permission {} (it has: {})"),
    marked("the application has no permission {} (it has: {})"),
    marked("the {} has no permission {} any more: payments are seen late"),
    marked("the {} has no permission {} any more: activities of tasks stay where they are"),
    marked("the {} has no permission {}"),
    marked("grant it in the portal under Developer resources → the {} → permissions"),
    marked("the portal refused the webhook ({})"),
    marked("the portal refused the application ({})"),
    marked("{} refuses the application ({}): {}"),
    marked("{} gives no tokens before the application is paid for ({})"),
    marked("{} did not answer within {} s"),
    marked("{} answered with no object in JSON (HTTP {})"),
    marked("{} answered without tokens"),
    marked("{} answered HTTP {} {}"),
    marked("the connection to {} broke ({})"),
    marked("the authorisation server {}"),
    marked("nobody has authorised the application {} yet"),
    marked("call `b24syncd auth login`"),
    marked("the portal gives no known reason for its refusal ({}); it may be of the moment"),
    marked("the portal lets this webhook read none of the configured entity types ({})"),
    marked("the portal lets this application read none of the configured entity types ({})"),
    marked("{} cannot be reached: {}"),
    marked("the proxy {} cannot be reached: {}"),
    marked("no secure connection to {}: {}"),
    # what stops the work, and what is in its way
    marked("safety.canary = {}: the {} were made"),
    marked("look at `b24syncd journal`, {}"),
    marked("safety.max_changed_share = {}: {} of {} items would be changed by this run"),
    marked("look at `b24syncd backfill --dry-run`, {}"),
    marked("and {} if all is as it should be"),
    marked("the portal denied access to {} items in a row ({})"),
    marked("the portal lists no {} any more, though it had some"),
    marked("a field that {} relies on: {}"),
    marked("phones seem to be written in another region: {}"),
    marked("set portal.region, or {} if all is as it should be"),
    marked("of {} numbers without a country code {} % are certain in {}"),
    marked("run {} ended without a word: its process was killed, or the machine went down"),
    marked("the portal refused {} requests because others on this address sent too many"),
    marked("other programs on this address spent {} s of {} s of {}"),
    marked("{} items wait to be looked at again, {} a minute ago"),
    marked("the portal refuses items of the type {} ({})"),
    marked("let the {}'s user read them, or remove the rule"),
    marked("let the {}'s user read them, or take the type out"),
    marked("a {} of this portal has no field {}"),
    marked("a {} has no field {} ({}) any more"),
    marked("the disk of {} has {} MiB left"),
    # what became of one item
    marked("refused together, written one by one: {}"),
    marked("the portal failed at this item {} times in a row"),
    marked("it is gone, or not to be read ({})"),
    # what was asked for
    marked("there are {} by now, not {}: look again"),
    marked("{} is not there, or the user that b24syncd works as may not see it"),
    marked("no open review has the number {}"),
    marked("no dismissed review has the number {}"),
    marked("no review has the number {}"),
    marked("nothing that is held has the number {}"),
    marked("run {} holds nothing"),
    marked("there is no preview {} that has ended"),
    marked("{} is paused already"),
    marked("{} is not paused"),
    marked("{} is paused; `b24syncd job resume {}` lets it go on"),
    marked("the state does not exclude {}: `b24syncd exclude list` tells what"),
    marked("review {} is of the job {}, which is off, or not for {}s"),
    marked("review {} is of a date: enter it in the portal, or accept what is suggested"),
    marked("a value has 1 to {} characters; what is to go is deleted in the portal"),
    marked("it stands there already; `b24syncd review dismiss {}` puts on record that it stays"),
    marked("{} is not certain either: {}"),
    marked("{} is not an item; write TYPE:ID with TYPE one of {}, for example {}"),
)
"""With what is put into them; of several that fit the first is taken."""
