package flowstate.capture.publish;

import flowstate.capture.decode.Checksums;
import flowstate.program.KafkaCluster;
import java.nio.charset.StandardCharsets;

/**
 * How an agent publishes; checked when built.
 *
 * @param cluster where to
 * @param agent this agent's id, unique among the agents of a cluster; scopes loopback and link-local connections
 * @param network name of the network, empty where addresses do not overlap; scopes all other connections
 * @param batching when segments leave
 * @param checksums whether a segment with a wrong one is told to have it
 * @param observer by which processors tell apart who saw a segment; the agent's id, unless it watches several interfaces
 */
public record PublisherConfig(
        KafkaCluster cluster, String agent, String network, Batching batching, Checksums checksums, String observer) {
    private static final int LONGEST_NAME = 255;

    /**
     * Checks each value.
     *
     * @throws IllegalArgumentException with the rule, the value and the consequence in one line
     */
    public PublisherConfig {
        if (agent.isBlank()) {
            throw new IllegalArgumentException(
                    "agent id must not be empty: connections of different hosts' loopback interfaces would be mixed up");
        }
        requireShort("agent id", agent);
        requireShort("network name", network);
        requireShort("observer's name", observer);
    }

    /** An agent that is one observer. */
    public PublisherConfig(KafkaCluster cluster, String agent, String network, Batching batching, Checksums checksums) {
        this(cluster, agent, network, batching, checksums, agent);
    }

    /** An agent with the usual batching and no network name. */
    public static PublisherConfig of(KafkaCluster cluster, String agent, Checksums checksums) {
        return new PublisherConfig(cluster, agent, "", Batching.DEFAULT, checksums);
    }

    /** The same for one of several interfaces, which is an observer of its own; scopes stay the agent's. */
    PublisherConfig observedBy(String name) {
        return new PublisherConfig(cluster, agent, network, batching, checksums, name);
    }

    private static void requireShort(String what, String name) {
        int octets = name.getBytes(StandardCharsets.UTF_8).length;
        if (octets > LONGEST_NAME) {
            throw new IllegalArgumentException(String.format(
                    "%s must have at most %d octets in UTF-8, has %d: it is part of every key and record",
                    what, LONGEST_NAME, octets));
        }
    }
}
