package flowstate.standalone;

import flowstate.capture.source.CaptureException;
import flowstate.capture.source.PacketSource;
import flowstate.capture.source.RawPacket;
import flowstate.schema.LifecycleEvent;
import flowstate.schema.Progress;
import flowstate.schema.SegmentBatch;
import flowstate.schema.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.jspecify.annotations.Nullable;

/**
 * The smallest parts that make a replay: a "capture" is a file that holds a number, and has that many packets; each
 * becomes a batch with a time of its own, and each batch one final event and, where the time is even, one anomaly. Kafka
 * and Kafka Streams are real. Where the file's name ends with "late" the events come after the input was committed, one by one,
 * each when the processor is asked whether it is still ending.
 */
final class CountingParts implements ReplayParts {
    final AtomicInteger brokersSeen = new AtomicInteger();
    final AtomicBoolean closed = new AtomicBoolean();

    @Override
    public PacketSource open(Path file) throws CaptureException {
        try {
            long packets = Long.parseLong(Files.readString(file).strip());
            return new Numbers(packets);
        } catch (IOException e) {
            throw new CaptureException("cannot read " + file + ": " + Words.reason(e), e);
        } catch (NumberFormatException e) {
            throw new CaptureException("cannot read " + file + ": not a number", e);
        }
    }

    private static final class Numbers implements PacketSource {
        private final long packets;
        private long given;

        Numbers(long packets) {
            this.packets = packets;
        }

        @Override
        public boolean next(RawPacket packet) throws CaptureException {
            packet.timeNs = given;
            // more than a thousand packets count as a file that is cut off
            if (given == 1000) {
                throw new CaptureException("cut off after 1000 packets");
            }
            return given++ < packets;
        }

        @Override
        public void close() {}
    }

    @Override
    public FilePublisher publisher(String bootstrapServers) {
        brokersSeen.incrementAndGet();
        KafkaProducer<byte[], SegmentBatch> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers),
                new ByteArraySerializer(),
                Topics.SEGMENTS.value().serializer());
        return new BatchPerPacket(producer);
    }

    private static final class BatchPerPacket implements FilePublisher {
        private final KafkaProducer<byte[], SegmentBatch> producer;
        private final AtomicLong read = new AtomicLong();

        BatchPerPacket(KafkaProducer<byte[], SegmentBatch> producer) {
            this.producer = producer;
        }

        @Override
        public FileAccount publish(String capture, PacketSource source)
                throws StandaloneException, InterruptedException {
            RawPacket packet = new RawPacket();
            List<Future<?>> sent = new ArrayList<>();
            String brokenOff = null;
            try {
                while (source.next(packet)) {
                    read.incrementAndGet();
                    SegmentBatch batch = new SegmentBatch();
                    batch.setAgent("agent");
                    batch.setInterface(capture);
                    batch.setSequence(packet.timeNs);
                    batch.setClock(packet.timeNs);
                    batch.setProgress(new Progress(packet.timeNs, 0L, false));
                    int partition = (int) (packet.timeNs % 2);
                    sent.add(producer.send(
                            new ProducerRecord<>(Topics.SEGMENTS.name(), partition, new byte[] {1}, batch)));
                }
            } catch (CaptureException e) {
                brokenOff = capture + ": " + e.getMessage();
            }
            try {
                for (Future<?> one : sent) {
                    one.get();
                }
            } catch (ExecutionException e) {
                throw new StandaloneException("Kafka does not take it: " + Words.reason(e), e);
            }
            return new FileAccount(capture + ": " + sent.size() + " packets", sent.size(), true, brokenOff);
        }

        @Override
        public long packetsRead() {
            return read.get();
        }

        @Override
        public void close() {
            producer.close();
        }
    }

    @Override
    public SegmentProcessor processor(String bootstrapServers, Path stateFolder) {
        StreamsBuilder builder = new StreamsBuilder();
        var batches =
                builder.stream(Topics.SEGMENTS.name(), Consumed.with(Topics.SEGMENTS.key(), Topics.SEGMENTS.value()));
        Queue<LifecycleEvent> late = new ConcurrentLinkedQueue<>();
        batches.filter((key, batch) -> isLate(batch)).foreach((key, batch) -> late.add(event(batch)));
        batches.filterNot((key, batch) -> isLate(batch))
                .mapValues(CountingParts::event)
                .to(Topics.LIFECYCLE.name(), Produced.with(Topics.LIFECYCLE.key(), Topics.LIFECYCLE.value()));
        batches.filter((key, batch) -> batch.getClock() % 2 == 0)
                .mapValues(batch -> SeedEvents.halfClosed()
                        .setCapture(batch.getInterface())
                        .setConnectionId("c" + batch.getClock())
                        .setAt(batch.getClock())
                        .build())
                .to(Topics.ANOMALIES.name(), Produced.with(Topics.ANOMALIES.key(), Topics.ANOMALIES.value()));

        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "counting");
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, stateFolder.toString());
        settings.put("auto.offset.reset", "earliest");
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        AtomicReference<@Nullable String> failure = new AtomicReference<>();
        streams.setUncaughtExceptionHandler(e -> {
            failure.set(Words.reason(e));
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.start();
        KafkaProducer<byte[], LifecycleEvent> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrapServers),
                new ByteArraySerializer(),
                Topics.LIFECYCLE.value().serializer());
        return new Running(streams, failure, late, producer);
    }

    private static boolean isLate(SegmentBatch batch) {
        return batch.getInterface().endsWith("late");
    }

    private static LifecycleEvent event(SegmentBatch batch) {
        if (batch.getInterface().endsWith("poison")) {
            throw new IllegalStateException("poisoned");
        }
        return SeedEvents.ended()
                .setCapture(batch.getInterface())
                .setConnectionId("c" + batch.getClock())
                .setAt(batch.getClock())
                .build();
    }

    private record Running(
            KafkaStreams streams,
            AtomicReference<@Nullable String> reason,
            Queue<LifecycleEvent> late,
            KafkaProducer<byte[], LifecycleEvent> producer)
            implements SegmentProcessor {
        @Override
        public boolean isEnding() {
            LifecycleEvent next = late.poll();
            if (next == null) {
                return false;
            }
            try {
                producer.send(new ProducerRecord<>(Topics.LIFECYCLE.name(), new byte[] {1}, next))
                        .get();
                return true;
            } catch (ExecutionException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public @Nullable String failure() {
            return reason.get();
        }

        @Override
        public String applicationId() {
            return "counting";
        }

        @Override
        public void close() {
            producer.close();
            streams.close();
        }
    }

    @Override
    public void close() {
        closed.set(true);
    }
}
