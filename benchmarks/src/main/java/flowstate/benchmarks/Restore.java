package flowstate.benchmarks;

import flowstate.schema.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What an open connection takes in the processor's heap, its RocksDB and its changelogs, and how long an instance that has
 * lost its disk takes to come back; by number of open connections.
 */
@Command(
        name = "restore",
        description = "State of an open connection, and the time to restore it from Kafka, by connections open.",
        mixinStandardHelpOptions = true)
final class Restore extends Measurement {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final Pattern HEAP = Pattern.compile("used (\\d+)K");
    /** So that Kafka soon notices that an instance is gone, which is not what is measured. */
    private static final String SHORT_SESSION = "session.timeout.ms=6000";

    private static final String APPLICATION = "flowstate";
    /** Segments of each connection before it would close; see {@link Traffic.Mix#OPEN}. */
    private static final int SEGMENTS_WHILE_OPEN = 8;

    /** Of which the goal is: of few connections all are on the heap. */
    private static final int MANY_OPEN = 1_000_000;

    @Option(
            names = "--open",
            split = ",",
            defaultValue = "10000,100000,1000000",
            description = "Connections (default: ${DEFAULT-VALUE}).")
    private List<Integer> opens = List.of();

    /** Octets a connection: on the processor's heap, in RocksDB on disk, in the changelogs; seconds. */
    private record Point(
            int open,
            double heap,
            double rocksDb,
            double changelog,
            double changelogWritten,
            double start,
            double stop,
            double again,
            double restore) {
        double state() {
            return heap + rocksDb + changelog;
        }
    }

    @Override
    String title() {
        return "State and restoring";
    }

    @Override
    void measure(Section section, Budget budget, Scratch scratch)
            throws IOException, InterruptedException, WrongResultException {
        section.say(
                "Connections are opened, and have some data, through a pipe that an agent reads, and stay open. Octets a"
                        + " connection: live heap of the processor above an idle one's, RocksDB's files after a clean stop, records of"
                        + " the changelogs (the latest of each connection and timer, as on disk; in brackets all that was written)."
                        + " Seconds until the processor is ready with nothing open; until it has stopped with all; until it is ready again with"
                        + " its disk; and, stopped once more, without, when all is restored from Kafka.");
        Table table = new Table(
                "open", "heap", "RocksDB", "changelogs", "sum", "start, s", "stop, s", "again, s", "restore, s");
        Chart chart = new Chart("Stopping and restoring", "connections open", "s", true);
        Chart state = new Chart("State of a connection", "connections open", "octets", true);
        List<Point> points = new ArrayList<>();
        section.add(table);
        section.keep("points", points);
        double perConnection = 0;
        for (int open : opens) {
            if (!points.isEmpty() && !budget.allows(30 + open * perConnection)) {
                section.say("No time was left for %,d.", open);
                break;
            }
            long startedNs = System.nanoTime();
            Point point;
            try {
                point = run(open, scratch, budget);
            } catch (WrongResultException e) {
                section.fail(Text.of("%,d open: %s", open, e.getMessage()));
                break;
            }
            perConnection = Math.max(0, (System.nanoTime() - startedNs) / 1e9 - 20) / open;
            points.add(point);
            table.row(
                    Text.of("%,d", open),
                    Text.number(point.heap),
                    Text.number(point.rocksDb),
                    Text.number(point.changelog) + " (" + Text.number(point.changelogWritten) + ")",
                    Text.number(point.state()),
                    Text.number(point.start),
                    Text.number(point.stop),
                    Text.number(point.again),
                    Text.number(point.restore));
            chart.point("stopped", open, point.stop);
            chart.point("ready again with its disk", open, point.again);
            chart.point("without", open, point.restore);
            state.point("heap", open, point.heap);
            state.point("RocksDB", open, point.rocksDb);
            state.point("changelogs", open, point.changelog);
            if (open >= MANY_OPEN) {
                section.reach(Target.STATE_PER_CONNECTION, point.heap + point.rocksDb);
            }
            tell("%,d open: %.0f octets each, restored in %.1f s", open, point.state(), point.restore);
        }
        section.add(state);
        section.add(chart);
    }

    private Point run(int open, Scratch scratch, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        Path folder = scratch.fresh("restore");
        CountDownLatch enough = new CountDownLatch(1);
        try (Cluster cluster = Cluster.start(this, Cluster.Settings.OF_REPLAY, folder);
                Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.servers()))) {
            Program processor = cluster.startProcessor(budget.atMost(START_LIMIT), SHORT_SESSION);
            double start = processor.seconds();
            double idle = heap(processor);
            try (EventReader reader = cluster.reader();
                    Live live = Live.start(
                            cluster,
                            folder,
                            out -> Traffic.generate(
                                    1, Traffic.Mix.OPEN, open, open, 0, new Pause(out, open, enough)))) {
                // OPENING and ESTABLISHED of each
                while (reader.events() < 2L * open || !isIdle(admin)) {
                    if (!budget.allows(5)) {
                        throw new WrongResultException(
                                "of " + open + " connections only " + reader.events() / 2 + " were open in time");
                    }
                    Thread.sleep(200);
                }
                double heap = (heap(processor) - idle) / open;
                KafkaFiles files = cluster.files();
                double written = files.changelogs();
                double records = changelogRecords(admin, files);
                double stop = stop(processor, admin, budget);
                double rocksDb = (double) octets(cluster.stateFolder()) / open;
                Program next = cluster.startProcessor(budget.left(), SHORT_SESSION);
                double again = next.seconds();
                stop(next, admin, budget);
                Scratch.delete(cluster.stateFolder());
                double restore =
                        cluster.startProcessor(budget.left(), SHORT_SESSION).seconds();
                enough.countDown();
                // what was saved and restored is whole if all of them now end as they should
                reader.await(live.await(budget.left()), budget.left());
                return new Point(
                        open, heap, rocksDb, 2 * written / records, written / open, start, stop, again, restore);
            }
        } finally {
            enough.countDown();
            scratch.fresh("restore");
        }
    }

    /** Stops it in order, and waits until the group knows; seconds until it had ended. */
    private static double stop(Program processor, Admin admin, Budget budget)
            throws IOException, InterruptedException, WrongResultException {
        long startedNs = System.nanoTime();
        processor.terminate();
        processor.awaitEnd(budget.atMost(START_LIMIT));
        double seconds = (System.nanoTime() - startedNs) / 1e9;
        awaitNobody(admin, budget);
        return seconds;
    }

    /** Live octets on the heap. */
    private static double heap(Program processor) throws IOException, InterruptedException, WrongResultException {
        jcmd(processor, "GC.run");
        Matcher used = HEAP.matcher(jcmd(processor, "GC.heap_info"));
        if (!used.find()) {
            throw new WrongResultException("jcmd did not say how much of the heap is used");
        }
        return Double.parseDouble(used.group(1)) * 1024;
    }

    private static String jcmd(Program processor, String question) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(processor.pid()),
                        question)
                .redirectErrorStream(true)
                .start();
        String answer = new String(jcmd.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        jcmd.waitFor();
        return answer;
    }

    /** Whether the processor has committed all that there is. */
    private static boolean isIdle(Admin admin) throws InterruptedException, WrongResultException {
        try {
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            for (int i = 0; i < Cluster.Settings.OF_REPLAY.partitions(); i++) {
                latest.put(new TopicPartition(Topics.SEGMENTS.name(), i), OffsetSpec.latest());
            }
            Map<TopicPartition, OffsetAndMetadata> done = admin.listConsumerGroupOffsets(APPLICATION)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return admin.listOffsets(latest).all().get().entrySet().stream().allMatch(end -> {
                OffsetAndMetadata offset = done.get(end.getKey());
                return offset != null && offset.offset() >= end.getValue().offset();
            });
        } catch (ExecutionException e) {
            throw new WrongResultException("the broker did not say how far the processor is: " + e.getMessage());
        }
    }

    /** Records of the two changelogs that have one for each connection. */
    private static double changelogRecords(Admin admin, KafkaFiles files)
            throws InterruptedException, WrongResultException {
        try {
            Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
            for (String topic : files.changelogTopics()) {
                for (int i = 0; i < Cluster.Settings.OF_REPLAY.partitions(); i++) {
                    latest.put(new TopicPartition(topic, i), OffsetSpec.latest());
                }
            }
            return admin.listOffsets(latest).all().get().values().stream()
                    .mapToDouble(end -> end.offset())
                    .sum();
        } catch (ExecutionException e) {
            throw new WrongResultException("the changelogs' ends are not known: " + e.getMessage());
        }
    }

    /** Until the group has noticed that its only member is gone: else the next one would wait for that. */
    private static void awaitNobody(Admin admin, Budget budget) throws InterruptedException, WrongResultException {
        try {
            while (!admin.describeConsumerGroups(List.of(APPLICATION)).all().get().values().stream()
                    .allMatch(group -> group.members().isEmpty())) {
                if (!budget.allows(5)) {
                    throw new WrongResultException("the group did not notice in time that the processor had stopped");
                }
                Thread.sleep(200);
            }
        } catch (ExecutionException e) {
            throw new WrongResultException("the broker did not say who is in the group: " + e.getMessage());
        }
    }

    private static long octets(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .mapToLong(file -> {
                        try {
                            return Files.size(file);
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .sum();
        }
    }

    /** Stops for a while when all connections are open and have had their data. */
    private static final class Pause implements Traffic.Sink {
        /** More than the agent's look-ahead. */
        private static final int OTHERS = 100;

        /** More than the agent's linger. */
        private static final long LINGER_NS = 100_000_000;

        private static final int LEAST_FRAME = 60;

        private final CaptureOutput out;
        private final long before;
        private final CountDownLatch enough;
        private long packets;

        Pause(CaptureOutput out, int connections, CountDownLatch enough) {
            this.out = out;
            this.before = (long) SEGMENTS_WHILE_OPEN * connections;
            this.enough = enough;
        }

        @Override
        public void packet(long timeNs, byte[] frame, int captured, int length) throws IOException {
            if (packets++ == before) {
                // time comes on with packets only: enough others for all batches to leave the agent
                for (int i = 0; i < OTHERS; i++) {
                    out.packet(timeNs + LINGER_NS + i, new byte[LEAST_FRAME], LEAST_FRAME, LEAST_FRAME);
                }
                out.flush();
                try {
                    enough.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            out.packet(timeNs, frame, captured, length);
        }
    }
}
