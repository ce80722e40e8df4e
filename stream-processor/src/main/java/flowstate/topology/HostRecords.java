package flowstate.topology;

import flowstate.hosts.HostKey;
import flowstate.hosts.HostKey.Watch;
import flowstate.hosts.HostWatch;
import flowstate.hosts.Notice;
import flowstate.schema.Anomaly;
import flowstate.schema.AnomalyKind;
import flowstate.schema.AnomalyStatus;
import flowstate.schema.ConnectionKey;
import flowstate.schema.Severity;

/** Writes what is told of hosts as records of the anomalies' topic. */
final class HostRecords {
    private static final Symbols<Notice.Course, AnomalyStatus> COURSES =
            Symbols.of(Notice.Course.class, AnomalyStatus.class);
    private static final Symbols<Watch, AnomalyKind> KINDS = Symbols.of(Watch.class, AnomalyKind.class);

    private HostRecords() {}

    static Anomaly anomaly(HostKey key, HostWatch watch, Notice notice) {
        Anomaly anomaly = new Anomaly();
        anomaly.setCapture(notice.capture());
        anomaly.setAnomaly(KINDS.of(key.watch()));
        anomaly.setSeverity(Severity.WARNING);
        anomaly.setConfidence(notice.confidence());
        anomaly.setStatus(COURSES.of(notice.course()));
        anomaly.setBeganAt(notice.beganNs());
        anomaly.setCount(notice.count());
        anomaly.setAt(notice.atNs());
        anomaly.setScope(key.scope());
        anomaly.setMessage(notice.message());
        String host = ConnectionKey.addressText(key.address());
        switch (key.watch()) {
            case SYN_FLOOD -> {
                anomaly.setResponderAddress(host);
                anomaly.setResponderPort(key.port());
            }
            case PORT_SCAN -> {
                anomaly.setOriginatorAddress(host);
                byte[] only = watch.onlyPeer();
                anomaly.setResponderAddress(only.length == 0 ? null : ConnectionKey.addressText(only));
            }
        }
        return anomaly;
    }
}
