package flowstate.tcp;

/** What a timer has to report of a connection that goes on: something has not happened in time. */
final class Reports {
    private Reports() {}

    /** @param alarm one of those that only report */
    static void tell(Connection c, Alarms.Alarm alarm, Listener listener) {
        long at = alarm.clockNs();
        switch (alarm.kind()) {
            case REPORT_ATTEMPT ->
                tellOnce(c, alarm, AnomalyKind.ATTEMPT_TIMEOUT, listener, "the SYN has not been answered");
            case REPORT_HALF_OPEN ->
                tellOnce(c, alarm, AnomalyKind.HALF_OPEN, listener, "the SYN-ACK has not been acknowledged");
            case REPORT_FIN -> tellOnce(c, alarm, AnomalyKind.FIN_UNACKED, listener, "a FIN has not been acknowledged");
            case REPORT_IDLE ->
                tellOnce(c, alarm, AnomalyKind.IDLE_TIMEOUT, listener, "open, and silent since the last segment");
            case REPORT_STALL -> {
                c.stallTold = true;
                Anomalies.tellAt(c, AnomalyKind.STALLED, at, listener, Transfers.stall(c, at));
            }
            case REPORT_HALF_CLOSED -> {
                c.halfClosedReports++;
                String closer = c.role(c.low.fin).word();
                String other = c.role(!c.low.fin).word();
                long seconds = (at - c.halfClosedClock) / 1_000_000_000L;
                Anomalies.tellAt(
                        c,
                        AnomalyKind.HALF_CLOSED,
                        at,
                        listener,
                        "the " + closer + " closed " + seconds + " s ago, the " + other + " still has not");
            }
            case REPORT_LEAK ->
                tellOnce(
                        c,
                        alarm,
                        AnomalyKind.CLOSE_WAIT_LEAK,
                        listener,
                        "the " + c.role(!c.low.fin).word()
                                + " has held the connection in CLOSE_WAIT, and sent nothing");
            case CONFIRM_RST, PERIODIC, LET_GO, GIVE_UP ->
                throw new IllegalArgumentException(alarm.kind() + " changes the connection, and reports no anomaly");
        }
    }

    private static void tellOnce(
            Connection c, Alarms.Alarm alarm, AnomalyKind kind, Listener listener, String message) {
        c.reported |= alarm.kind().bit();
        Anomalies.tellAt(c, kind, alarm.clockNs(), listener, message);
    }
}
