#!/bin/sh
# A server of one's own: Debian's Kamailio, set up in one page. docs/own-server.md tells how it is tested.
set -eu
if [ "$RINGFENCE_ACTION" = describe ]; then
  echo '{"name": "small kamailio", "version": "1.0", "features": ["voicemail", "busy", "declined", "offline"], "waits": {"totalMs": 1000}, "callsPerSecond": 100}'
  exit
fi

cat > small-kamailio.cfg <<END
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("tm", "fr_inv_timer", 1000)
listen=udp:$RINGFENCE_LISTEN
listen=tcp:$RINGFENCE_LISTEN
alias="$RINGFENCE_DOMAIN"
children=2
log_stderror=yes

request_route {
    if (is_method("REGISTER")) { save("location"); exit; }
    if (is_method("CANCEL")) { if (t_check_trans()) t_relay(); exit; }
    if (has_totag()) { loose_route(); t_relay(); exit; }
    if (!is_method("INVITE")) { sl_send_reply("200", "OK"); exit; }
    record_route();
    if (\$hdr(Ms-Target-Class) != "secondary") # without this line, every call may go to voice mail
        setflag(1);
    t_on_failure("REFUSED");
    if (lookup("location")) t_relay();
    else if (isflagset(1)) route(VOICEMAIL);
    else sl_send_reply("480", "Nobody There");
}

failure_route[REFUSED] {
    if (isflagset(1) && !t_is_canceled()) route(VOICEMAIL);
}

route[VOICEMAIL] {
    resetflag(1);
    \$ru = \$ou;
    \$du = "sip:$RINGFENCE_VOICEMAIL";
    t_relay();
}
END
PATH=$PATH:/usr/sbin:/usr/local/sbin # where an ordinary user's leaves it out
exec kamailio -DD -E -f small-kamailio.cfg -w . -Y .
