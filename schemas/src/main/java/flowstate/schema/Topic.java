package flowstate.schema;

import org.apache.kafka.common.serialization.Serde;

/**
 * A topic with its types: its name, and how its keys and values are written.
 *
 * @param name the topic's name
 * @param key how keys are written; nullness of keys is the topic's own matter
 * @param value how values are written
 * @param <K> the key's type
 * @param <V> the value's type
 */
public record Topic<K, V>(String name, Serde<K> key, Serde<V> value) {}
