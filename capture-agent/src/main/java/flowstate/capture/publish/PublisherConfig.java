package flowstate.capture.publish;

import flowstate.program.KafkaCluster;
import java.nio.charset.StandardCharsets;

/**
 * How an agent publishes; checked when built.
 *
 * @param cluster where to
 * @param agent this agent's id, unique among the agents of a cluster; scopes loopback and link-local connections
 * @param network name of the network, empty where addresses do not overlap; scopes all other connections
 * @param batching when segments leave
 */
public record PublisherConfig(KafkaCluster cluster, String agent, String network, Batching batching) {
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
    }

    /** An agent with the usual batching and no network name. */
    public static PublisherConfig of(KafkaCluster cluster, String agent) {
        return new PublisherConfig(cluster, agent, "", Batching.DEFAULT);
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
