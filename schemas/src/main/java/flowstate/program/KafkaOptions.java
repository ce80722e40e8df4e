package flowstate.program;

import flowstate.schema.Topics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say which Kafka a program talks to, and how. A picocli mixin. */
public final class KafkaOptions {
    private static final String VARIABLE_PREFIX = "FLOWSTATE_KAFKA_";
    private static final Pattern SECRET = Pattern.compile("password|secret|jaas|keystore\\.key|\\.token$");

    private static final List<ConfigDef> CLIENTS =
            List.of(AdminClientConfig.configDef(), ProducerConfig.configDef(), ConsumerConfig.configDef());

    @Option(
            names = "--brokers",
            order = 1,
            paramLabel = "HOST:PORT",
            description = "Kafka brokers to ask first, separated by commas; required.",
            required = true)
    private String brokers;

    @Option(
            names = "--create-topics",
            order = 101,
            negatable = true,
            description = "Make the topics that do not exist (default: yes).",
            defaultValue = "true",
            fallbackValue = "true")
    private boolean createTopics;

    @Option(
            names = "--partitions",
            order = 102,
            paramLabel = "N",
            description = "Partitions of each topic that is made: no more stream threads than these, of all processors"
                    + " together, have work (default: ${DEFAULT-VALUE}).",
            defaultValue = "" + Topics.DEFAULT_PARTITIONS)
    private int partitions;

    @Option(
            names = "--replication-factor",
            order = 103,
            paramLabel = "N",
            description = "Copies of each topic that is made (default: the brokers' own).",
            defaultValue = "" + KafkaCluster.REPLICATION_OF_BROKERS)
    private short replicationFactor;

    @Option(
            names = "--connect-limit",
            order = 104,
            paramLabel = "SECONDS",
            description = "How long to wait for brokers and topics at the start (default: ${DEFAULT-VALUE}).",
            defaultValue = "15")
    private long connectLimitSeconds;

    @Option(
            names = "--config",
            order = 105,
            paramLabel = "FILE",
            description = "Properties file: Kafka client settings under Kafka's names, options of this program as"
                    + " flowstate.NAME. The place for passwords.")
    private @Nullable String configFile;

    @Option(
            names = "-X",
            order = 106,
            paramLabel = "KEY=VALUE",
            description = "One Kafka client setting, no secret; wins over FLOWSTATE_KAFKA_KEY and the file. May be"
                    + " repeated.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /**
     * The cluster that the options describe.
     *
     * @param environment variables by name; {@code FLOWSTATE_KAFKA_SASL_MECHANISM} is the setting {@code sasl.mechanism}
     * @throws IllegalArgumentException if a value cannot work, with the rule, the value and the consequence
     */
    public KafkaCluster cluster(Map<String, String> environment) {
        Map<String, String> kafka = new LinkedHashMap<>();
        if (configFile != null) {
            kafka.putAll(ConfigFile.read(configFile).kafka());
        }
        environment.forEach((variable, value) -> {
            if (variable.startsWith(VARIABLE_PREFIX)) {
                String key = variable.substring(VARIABLE_PREFIX.length());
                kafka.put(key.toLowerCase(Locale.ROOT).replace('_', '.'), value);
            }
        });
        for (String key : settings.keySet()) {
            if (SECRET.matcher(key).find()) {
                throw new IllegalArgumentException("-X " + key
                        + " would show a secret to everyone who lists processes: set it in the file of --config");
            }
        }
        kafka.putAll(settings);
        kafka.forEach(KafkaOptions::check);
        return new KafkaCluster(
                brokers, kafka, createTopics, partitions, replicationFactor, Duration.ofSeconds(connectLimitSeconds));
    }

    /**
     * A line for each of the settings that nothing of Kafka's knows: it may be for a plug-in, or misspelt.
     *
     * @param alsoKnown what the program's part of Kafka knows beside its clients
     */
    public static List<String> remarks(KafkaCluster cluster, Predicate<String> alsoKnown) {
        return cluster.settings().keySet().stream()
                .filter(name -> !isOfAClient(name) && !alsoKnown.test(name))
                .sorted()
                .map(name -> name + " is no setting of Kafka's own: passed on, for a plug-in of its clients")
                .toList();
    }

    /** Whether one of Kafka's clients has a setting of that name. */
    public static boolean isOfAClient(String name) {
        return CLIENTS.stream().anyMatch(client -> client.configKeys().containsKey(name));
    }

    /** Now, not when a client is made of it, maybe hours later. A setting that only a plug-in of Kafka's knows is passed on. */
    private static void check(String key, String value) {
        if (key.equals(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG)) {
            throw new IllegalArgumentException(key + " is no setting of its own here: --brokers says where Kafka is");
        }
        for (ConfigDef client : CLIENTS) {
            ConfigDef.ConfigKey known = client.configKeys().get(key);
            if (known != null) {
                try {
                    Object parsed = ConfigDef.parseType(key, value, known.type);
                    if (known.validator != null) {
                        known.validator.ensureValid(key, parsed);
                    }
                } catch (ConfigException e) {
                    throw new IllegalArgumentException("a setting of Kafka's: " + Program.reason(e), e);
                }
            }
        }
    }
}
