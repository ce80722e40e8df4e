package flowstate.topology;

import flowstate.hosts.Attempt;
import flowstate.hosts.HostCodec;
import flowstate.hosts.HostKey;
import flowstate.hosts.HostWatch;
import flowstate.hosts.Notice;
import flowstate.schema.Anomaly;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Feeds one partition's attempts to the hosts that they are about, and tells what begins and ends there.
 *
 * <p>The wall clock does one thing: hosts of which nothing was heard for two panes of time are let go of, and what lasts
 * there ends, at the time of its last attempt. One thread.
 */
final class HostProcessor implements Processor<byte[], byte[], byte[], Anomaly> {
    /** Hosts at a time; beyond it those unheard of for longest are let go of. Most have a few hundred octets. */
    static final int MOST_HOSTS = 20_000;

    private static final Duration LOOK_EVERY = Duration.ofSeconds(10);

    private final Limits limits;
    /** When each host was last heard of by this machine's clock, the longest ago first. */
    private final LinkedHashMap<Bytes, Long> heardAtMs = new LinkedHashMap<>(64, 0.75f, true);

    private ProcessorContext<byte[], Anomaly> context;
    private WriteBackStore<HostWatch> hosts;

    @SuppressWarnings("NullAway.Init") // Kafka Streams calls init before anything else
    HostProcessor(Limits limits) {
        this.limits = limits;
    }

    @Override
    public void init(ProcessorContext<byte[], Anomaly> context) {
        this.context = context;
        this.hosts = context.getStateStore(Stores.HOSTS);
        long now = context.currentSystemTimeMs();
        hosts.takeStock((key, watch) -> heardAtMs.put(key, now));
        context.schedule(LOOK_EVERY, PunctuationType.WALL_CLOCK_TIME, this::letGoOfSilent);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        if (EndOfCapture.is(record.key())) {
            end(record.key(), record.value()[0], record.timestamp());
            return;
        }
        Bytes storeKey = Bytes.wrap(record.key());
        HostKey key = HostKey.fromBytes(record.key());
        HostWatch watch = hosts.live(storeKey);
        if (watch == null) {
            watch = new HostWatch();
        }
        for (Attempt attempt : HostCodec.attempts(record.value())) {
            tell(key, record.key(), watch, watch.add(limits.hosts(), key, attempt), record.timestamp());
        }
        hosts.put(storeKey, watch);
        heardAtMs.put(storeKey, context.currentSystemTimeMs());
        if (heardAtMs.size() > MOST_HOSTS) {
            Iterator<Bytes> longestAgo = heardAtMs.keySet().iterator();
            letGo(longestAgo.next(), record.timestamp());
            longestAgo.remove();
        }
    }

    /** A partition of the input has nothing more of a session: where it was the last, the session's hosts are done. */
    private void end(byte[] sessionKey, int part, long timestampMs) {
        Bytes from = Bytes.wrap(sessionKey);
        HostWatch session = hosts.live(from);
        if (session == null) {
            session = new HostWatch();
        }
        hosts.put(from, session);
        heardAtMs.put(from, context.currentSystemTimeMs());
        if (session.end(part, limits.captureParts())) {
            Bytes to = Bytes.wrap(EndOfCapture.key(EndOfCapture.session(sessionKey) + 1));
            List<Bytes> ofSession = new ArrayList<>();
            try (var all = hosts.scan(from, to)) {
                all.forEachRemaining(entry -> ofSession.add(entry.key));
            }
            ofSession.remove(to);
            ofSession.forEach(storeKey -> letGo(storeKey, timestampMs));
            ofSession.forEach(heardAtMs::remove);
        }
        // whoever waits for the end of this capture need not wait for the commit interval
        context.commit();
    }

    private void letGoOfSilent(long nowMs) {
        long longMs = 2 * limits.hosts().paneNs() / 1_000_000;
        Iterator<Map.Entry<Bytes, Long>> longestAgo = heardAtMs.entrySet().iterator();
        while (longestAgo.hasNext()) {
            Map.Entry<Bytes, Long> heard = longestAgo.next();
            if (nowMs - heard.getValue() <= longMs) {
                return;
            }
            letGo(heard.getKey(), nowMs);
            longestAgo.remove();
        }
    }

    private void letGo(Bytes storeKey, long timestampMs) {
        HostWatch watch = hosts.live(storeKey);
        if (watch != null && !EndOfCapture.is(storeKey.get())) {
            HostKey key = HostKey.fromBytes(storeKey.get());
            tell(key, storeKey.get(), watch, watch.finish(key), timestampMs);
        }
        hosts.delete(storeKey);
    }

    private void tell(HostKey key, byte[] keyBytes, HostWatch watch, List<Notice> notices, long timestampMs) {
        for (Notice notice : notices) {
            context.forward(new Record<>(keyBytes, HostRecords.anomaly(key, watch, notice), timestampMs));
        }
    }
}
