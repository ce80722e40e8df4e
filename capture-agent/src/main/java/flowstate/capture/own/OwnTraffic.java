package flowstate.capture.own;

import flowstate.capture.publish.Exclusion;
import flowstate.program.DaemonThreads;
import flowstate.schema.ConnectionKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.Node;

/**
 * The connections by which Flowstate itself talks: those of this process, and everybody's with a broker of its cluster.
 *
 * <p>Brokers are the ones that were configured, those that the cluster names, and whomever this process is found to be
 * connected to; so other agents and processors are covered, on this host and on others. The process's own sockets are
 * looked at whenever a connection is new, so they are known before their first segment is published, wherever they lead
 * and however addresses are translated on the way. See decision 12. Thread-safe.
 */
public final class OwnTraffic implements Exclusion {
    /** Below what a batch lingers: by then a new connection has been looked after, as a rule at no extra cost. */
    private static final long LOOK_INTERVAL_NS = Duration.ofMillis(50).toNanos();

    /** Stragglers of a connection that is closed: longer than retransmissions and TIME_WAIT take. */
    private static final long KEPT_NS = Duration.ofMinutes(5).toNanos();

    /** Capture is about to begin: the kernel's buffer does not hold packets for long. */
    private static final long NAMES_LIMIT_MS = 1000;

    private final Resolver resolver;
    private final OwnSockets sockets;
    private final List<String> configured;

    /** Ends of own connections, and when they were last seen; guarded by this. */
    private final Map<InetSocketAddress, Long> seenNs = new HashMap<>();

    private Set<InetSocketAddress> brokers = Set.of();
    private long lookedNs;
    private volatile Set<InetSocketAddress> ends = Set.of();
    private volatile int version;
    private volatile long looks;

    /** Looks a host's name up; as long as that takes. */
    interface Resolver {
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    /**
     * Knows this process's sockets, and what the brokers' names stand for; where a resolver does not answer soon, the latter
     * as soon as it does.
     *
     * @param brokers host:port, separated by commas
     */
    public OwnTraffic(String brokers) throws InterruptedException {
        this(brokers, InetAddress::getAllByName);
    }

    OwnTraffic(String brokers, Resolver resolver) throws InterruptedException {
        this.sockets = new OwnSockets();
        this.configured = List.of(brokers.split(","));
        this.resolver = resolver;
        look(true);
        DaemonThreads.start("names", () -> brokersAre(List.of())).join(NAMES_LIMIT_MS);
    }

    /** The brokers that the cluster names now, beside those that were configured; waits for the resolver of their names. */
    public void brokersAre(Collection<Node> nodes) {
        Set<InetSocketAddress> all = new HashSet<>();
        List<String> hostsAndPorts = new ArrayList<>(configured);
        nodes.forEach(node -> hostsAndPorts.add(node.host() + ":" + node.port()));
        for (String hostAndPort : hostsAndPorts) {
            int colon = hostAndPort.lastIndexOf(':');
            try {
                int port = Integer.parseInt(hostAndPort.substring(colon + 1).strip());
                String host =
                        hostAndPort.substring(0, Math.max(0, colon)).strip().replaceAll(".*://|[\\[\\]]", "");
                for (InetAddress address : resolver.addresses(host)) {
                    all.add(plain(address, port));
                }
            } catch (NumberFormatException | UnknownHostException e) {
                // whom nobody finds, nobody talks to
            }
        }
        synchronized (this) {
            brokers = all;
            publishEnds();
        }
    }

    @Override
    public int version() {
        return version;
    }

    @Override
    public long looks() {
        return looks;
    }

    @Override
    public synchronized void look(boolean atOnce) {
        long now = System.nanoTime();
        if (!atOnce && now - lookedNs < LOOK_INTERVAL_NS && looks > 0) {
            return;
        }
        boolean isNew = false;
        for (InetSocketAddress end : sockets.ends()) {
            isNew |= seenNs.put(end, now) == null;
        }
        lookedNs = now;
        looks++;
        if (isNew) {
            seenNs.values().removeIf(last -> now - last > KEPT_NS);
            publishEnds();
        }
    }

    private void publishEnds() {
        Set<InetSocketAddress> all = new HashSet<>(brokers);
        all.addAll(seenNs.keySet());
        if (!all.equals(ends)) {
            ends = all;
            version++;
        }
    }

    @Override
    public boolean excludes(ConnectionKey connection) {
        Set<InetSocketAddress> known = ends;
        return known.contains(end(connection.lowAddress(), connection.lowPort()))
                || known.contains(end(connection.highAddress(), connection.highPort()));
    }

    private static InetSocketAddress end(byte[] address, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), port);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("an address has 4 or 16 octets, was " + address.length, e);
        }
    }

    /** Without the interface that a link-local address may be tied to: packets do not name it. */
    private static InetSocketAddress plain(InetAddress address, int port) {
        return end(address.getAddress(), port);
    }
}
