package flowstate.capture.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import flowstate.capture.source.PcapWriter.Resolution;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CaptureFileTest {
    private static final long TIME_NS = 1_457_835_843_518_594_321L;
    private static final long TIME_US = 1_457_835_843_518_594L;
    private static final byte[] OCTETS = {1, 2, 3, 4, 5, 6, 7};

    @TempDir
    private Path folder = Path.of("");

    static Stream<Arguments> pcapVariants() {
        return Stream.of(Resolution.values())
                .flatMap(resolution -> Stream.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)
                        .map(order -> Arguments.of(resolution, order)));
    }

    static Stream<ByteOrder> byteOrders() {
        return Stream.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN);
    }

    @ParameterizedTest
    @MethodSource("pcapVariants")
    void aPcapFileIsReadInEachResolutionAndByteOrder(Resolution resolution, ByteOrder order) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PcapWriter writer = new PcapWriter(out, 101, resolution, order)) {
            writer.write(TIME_NS, OCTETS).write(TIME_NS + 1_000, OCTETS, 1_500);
        }

        List<ReadPacket> packets = ReadPacket.all(file(out));

        long first = resolution == Resolution.NANOSECONDS ? TIME_NS : TIME_US * 1_000;
        assertThat(packets).extracting(ReadPacket::timeNs).containsExactly(first, first + 1_000);
        assertThat(packets).extracting(ReadPacket::clockNs).containsExactly(first, first + 1_000);
        assertThat(packets).extracting(ReadPacket::originalLength).containsExactly(7, 1_500);
        assertThat(packets).allSatisfy(packet -> {
            assertThat(packet.octets()).isEqualTo(OCTETS);
            assertThat(packet.linkType()).isEqualTo(101);
        });
    }

    @ParameterizedTest
    @MethodSource("byteOrders")
    void packetsAreReadBigEndianWhateverTheFilesOrder(ByteOrder order) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PcapWriter(out, 1, Resolution.MICROSECONDS, order).write(TIME_NS, OCTETS);
        Path plain = file(out);
        Path packed = gzip(out.toByteArray());

        for (Path file : List.of(plain, packed)) {
            RawPacket packet = new RawPacket();
            try (PacketSource source = CaptureFile.open(file)) {
                source.next(packet);
                assertThat(packet.buffer.getInt(packet.offset)).isEqualTo(0x01020304);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("byteOrders")
    void kuznetzovsLongerRecordHeadersAreRead(ByteOrder order) throws Exception {
        ByteBuffer file = ByteBuffer.allocate(24 + 2 * (24 + OCTETS.length)).order(order);
        file.putInt(0xa1b2cd34).putShort((short) 2).putShort((short) 4);
        file.putInt(0).putInt(0).putInt(65_535).putInt(1);
        for (int i = 0; i < 2; i++) {
            file.putInt(1_000 + i).putInt(5).putInt(OCTETS.length).putInt(60);
            file.putInt(2).putShort((short) 0x0800).put((byte) 4).put((byte) 0).put(OCTETS);
        }

        List<ReadPacket> packets = ReadPacket.all(file(file.array()));

        assertThat(packets).extracting(ReadPacket::timeNs).containsExactly(1_000_000_005_000L, 1_001_000_005_000L);
        assertThat(packets).allSatisfy(packet -> assertThat(packet.octets()).isEqualTo(OCTETS));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void theSwappedLengthsOfOldMinorVersionsAreReadTheRightWayRound(int minorVersion) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PcapWriter(out, 1, Resolution.MICROSECONDS, ByteOrder.BIG_ENDIAN).write(TIME_NS, OCTETS, 60);
        ByteBuffer file = ByteBuffer.wrap(out.toByteArray());
        file.putShort(6, (short) minorVersion).putInt(24 + 8, 60).putInt(24 + 12, OCTETS.length);

        assertThat(ReadPacket.all(file(file.array()))).singleElement().satisfies(packet -> {
            assertThat(packet.octets()).isEqualTo(OCTETS);
            assertThat(packet.originalLength()).isEqualTo(60);
        });
    }

    @Test
    void theFrameCheckAndClassBitsAboveTheLinkTypeAreIgnored() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PcapWriter(out, 0x5624_0001, Resolution.MICROSECONDS, ByteOrder.LITTLE_ENDIAN).write(TIME_NS, OCTETS);

        assertThat(ReadPacket.all(file(out)))
                .singleElement()
                .extracting(ReadPacket::linkType)
                .isEqualTo(1);
    }

    @Test
    void timesBeyond2038AreNotNegative() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long in2100 = 4_102_444_800L * 1_000_000_000;
        new PcapWriter(out, 1, Resolution.NANOSECONDS, ByteOrder.LITTLE_ENDIAN).write(in2100, OCTETS);

        assertThat(ReadPacket.all(file(out)))
                .singleElement()
                .extracting(ReadPacket::timeNs)
                .isEqualTo(in2100);
    }

    @Test
    void aCaptureWithoutPacketsIsNoError() throws Exception {
        ByteArrayOutputStream pcap = new ByteArrayOutputStream();
        new PcapWriter(pcap, 1, Resolution.MICROSECONDS, ByteOrder.LITTLE_ENDIAN).close();
        ByteArrayOutputStream pcapng = new ByteArrayOutputStream();
        new PcapngWriter(pcapng, ByteOrder.LITTLE_ENDIAN).networkInterface(1, 0).close();

        assertThat(ReadPacket.all(file(pcap))).isEmpty();
        assertThat(ReadPacket.all(file(pcapng))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("byteOrders")
    void eachPcapngInterfaceHasItsOwnLinkTypeAndClock(ByteOrder order) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PcapngWriter(out, order)
                .networkInterface(1, 0)
                .networkInterface(101, 96, 9, 0)
                .networkInterface(113, 0, 3, 3_600)
                .networkInterface(0, 0, 0x80 | 20, -1)
                .networkInterface(276, 0, 12, 0)
                .enhancedPacket(0, TIME_US, OCTETS, 7)
                .enhancedPacket(1, TIME_NS, OCTETS, 1_500)
                .enhancedPacket(2, 1_457_835_843_518L, OCTETS, 7)
                .enhancedPacket(3, 5L << 20 | 1 << 19, OCTETS, 7)
                .enhancedPacket(4, 7_000_000_000_123_456L, OCTETS, 7);

        List<ReadPacket> packets = ReadPacket.all(file(out));

        assertThat(packets).extracting(ReadPacket::linkType).containsExactly(1, 101, 113, 0, 276);
        assertThat(packets)
                .extracting(ReadPacket::timeNs)
                .containsExactly(
                        TIME_US * 1_000,
                        TIME_NS,
                        (1_457_835_843_518L + 3_600_000L) * 1_000_000,
                        4_500_000_000L,
                        7_000_000_000_123L);
        assertThat(packets).extracting(ReadPacket::originalLength).containsExactly(7, 1_500, 7, 7, 7);
        assertThat(packets).allSatisfy(packet -> assertThat(packet.octets()).isEqualTo(OCTETS));
    }

    @Test
    void binaryTimesKeepTheirPrecision() {
        // 2^-63 s: the fraction alone has 63 bits; (2^63 - 1) / 2^63 s is 999,999,999.99… ns
        assertThat(new PcapngInterface(1, 0, 0x80 | 63, 0).nanoseconds(Long.MAX_VALUE))
                .isEqualTo(999_999_999);
        assertThat(new PcapngInterface(1, 0, 0x80 | 32, 0).nanoseconds(1_457_835_843L << 32 | 1L << 31))
                .isEqualTo(1_457_835_843_500_000_000L);
        assertThat(new PcapngInterface(1, 0, 0x80, 0).nanoseconds(3)).isEqualTo(3_000_000_000L);
    }

    @Test
    void timesThatDoNotFitStopAtTheLimit() {
        assertThat(new PcapngInterface(1, 0, 6, 0).nanoseconds(-1)).isEqualTo(Long.MAX_VALUE);
        assertThat(new PcapngInterface(1, 0, 0x80, 0).nanoseconds(-1)).isEqualTo(Long.MAX_VALUE);
        assertThat(new PcapngInterface(1, 0, 6, Long.MAX_VALUE).nanoseconds(TIME_US))
                .isEqualTo(Long.MAX_VALUE);
        assertThat(new PcapngInterface(1, 0, 6, Long.MIN_VALUE).nanoseconds(0)).isNegative();
        // 2^64 - 1 units of 10^-19 s are 1.8 s
        assertThat(new PcapngInterface(1, 0, 19, 0).nanoseconds(-1)).isEqualTo(1_844_674_407L);
    }

    @Test
    void sectionsOfBothByteOrdersFollowEachOtherAndCountInterfacesAnew() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PcapngWriter(out, ByteOrder.LITTLE_ENDIAN)
                .networkInterface(1, 0)
                .enhancedPacket(0, TIME_US, OCTETS, 7)
                .section(ByteOrder.BIG_ENDIAN)
                .networkInterface(101, 0, 9, 0)
                .enhancedPacket(0, TIME_NS, OCTETS, 7);

        List<ReadPacket> packets = ReadPacket.all(file(out));

        assertThat(packets).extracting(ReadPacket::linkType).containsExactly(1, 101);
        assertThat(packets).extracting(ReadPacket::timeNs).containsExactly(TIME_US * 1_000, TIME_NS);
    }

    @Test
    void simpleAndObsoletePacketBlocksAreRead() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PcapngWriter(out, ByteOrder.LITTLE_ENDIAN)
                .networkInterface(1, 6)
                .networkInterface(101, 0)
                .obsoletePacket(1, TIME_US, OCTETS, 9)
                .simplePacket(new byte[] {1, 2, 3, 4, 5, 6}, 1_500)
                .simplePacket(new byte[] {1, 2, 3}, 3);

        List<ReadPacket> packets = ReadPacket.all(file(out));

        assertThat(packets).extracting(ReadPacket::linkType).containsExactly(101, 1, 1);
        assertThat(packets)
                .extracting(ReadPacket::octets)
                .containsExactly(OCTETS, new byte[] {1, 2, 3, 4, 5, 6}, new byte[] {1, 2, 3});
        assertThat(packets).extracting(ReadPacket::originalLength).containsExactly(9, 1_500, 3);
        assertThat(packets).extracting(ReadPacket::timeNs).containsOnly(TIME_US * 1_000);
    }

    @Test
    void blocksThatAreNotKnownArePassedOver() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new PcapngWriter(out, ByteOrder.LITTLE_ENDIAN)
                .block(4, new byte[8])
                .networkInterface(1, 0)
                .block(0x0bad_f00d, new byte[1 << 20])
                .enhancedPacket(0, TIME_US, OCTETS, 7)
                .block(5, new byte[0]);

        assertThat(ReadPacket.all(file(out))).hasSize(1);
        assertThat(ReadPacket.all(gzip(out.toByteArray()))).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 64, 100, 4_096, 4_097, 10_000})
    void recordsAcrossRegionAndChunkBordersStayWhole(int octets) throws Exception {
        ByteArrayOutputStream pcap = new ByteArrayOutputStream();
        ByteArrayOutputStream pcapng = new ByteArrayOutputStream();
        PcapWriter pcapWriter = new PcapWriter(pcap, 1, Resolution.NANOSECONDS, ByteOrder.LITTLE_ENDIAN);
        PcapngWriter pcapngWriter = new PcapngWriter(pcapng, ByteOrder.BIG_ENDIAN).networkInterface(1, 0, 9, 0);
        List<byte[]> written = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            byte[] packet = new byte[i * 37 % 1_500];
            Arrays.fill(packet, (byte) i);
            pcapWriter.write(TIME_NS + i, packet);
            pcapngWriter.enhancedPacket(0, TIME_NS + i, packet, packet.length);
            written.add(packet);
        }

        for (byte[] content : List.of(pcap.toByteArray(), pcapng.toByteArray())) {
            for (Path file : List.of(file(content), gzip(content))) {
                try (PacketSource source = CaptureFile.open(file, octets, octets)) {
                    List<ReadPacket> packets = ReadPacket.all(source);
                    assertThat(packets).extracting(ReadPacket::octets).containsExactlyElementsOf(written);
                    assertThat(packets)
                            .extracting(ReadPacket::clockNs)
                            .isSorted()
                            .last()
                            .isEqualTo(TIME_NS + 299);
                }
            }
        }
    }

    @Test
    void aFileOfMoreThanTwoGibibytesIsReadToItsEnd() throws Exception {
        int octets = RecordSource.MAX_CAPTURED_OCTETS;
        int count = 8_300;
        Path file = folder.resolve("large.pcap");
        // only the headers are written: the packets are a sparse file's holes
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            new PcapWriter(head, 1, Resolution.MICROSECONDS, ByteOrder.BIG_ENDIAN).close();
            out.write(ByteBuffer.wrap(head.toByteArray()), 0);
            for (int i = 0; i < count; i++) {
                ByteBuffer header = ByteBuffer.allocate(16);
                header.putInt(i).putInt(0).putInt(octets).putInt(octets).flip();
                out.write(header, 24 + i * (16L + octets));
            }
            out.write(ByteBuffer.allocate(1), 24 + count * (16L + octets) - 1);
        }
        assertThat(Files.size(file)).isGreaterThan(1L << 31);

        int packets = 0;
        RawPacket packet = new RawPacket();
        try (PacketSource source = CaptureFile.open(file)) {
            while (source.next(packet)) {
                assertThat(packet.timeNs).isEqualTo(packets * 1_000_000_000L);
                packets++;
            }
        }
        assertThat(packets).isEqualTo(count);
    }

    @Test
    void aPacketReadAheadOfAManyChunkGzipStaysValidUntilTheNext() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PcapWriter writer = new PcapWriter(out, 1, Resolution.MICROSECONDS, ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 20; i++) {
            byte[] packet = new byte[100_000];
            Arrays.fill(packet, (byte) i);
            writer.write(TIME_NS + i * 1_000L, packet);
        }

        List<ReadPacket> packets = ReadPacket.all(gzip(out.toByteArray()));

        assertThat(packets).hasSize(20);
        for (int i = 0; i < 20; i++) {
            assertThat(packets.get(i).octets()).containsOnly(i);
        }
    }

    @Test
    void gzipMembersOneAfterTheOtherAreOneCapture() throws Exception {
        byte[] capture = capture(50);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int half = capture.length / 2;
        try (GZIPOutputStream first = new GZIPOutputStream(out)) {
            first.write(capture, 0, half);
        }
        try (GZIPOutputStream second = new GZIPOutputStream(out)) {
            second.write(capture, half, capture.length - half);
        }

        assertThat(ReadPacket.all(file(out))).hasSize(50);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aNamedPipeIsReadAsAStream(boolean isPacked) throws Exception {
        Path pipe = folder.resolve("pipe");
        assumeTrue(makePipe(pipe), "needs mkfifo");
        byte[] capture = isPacked ? Files.readAllBytes(gzip(capture(5_000))) : capture(5_000);
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try {
            Future<?> written = writer.submit(() -> {
                try (OutputStream out = Files.newOutputStream(pipe)) {
                    out.write(capture);
                }
                return null;
            });
            assertThat(ReadPacket.all(pipe)).hasSize(5_000);
            written.get();
        } finally {
            writer.shutdownNow();
        }
    }

    @Test
    void closingTwiceDoesNothingAndNothingComesAfter() throws Exception {
        PacketSource source = CaptureFile.open(file(capture(3)));
        RawPacket packet = new RawPacket();
        assertThat(source.next(packet)).isTrue();
        source.close();
        source.close();
        assertThat(source.next(packet)).isFalse();
    }

    private static boolean makePipe(Path pipe) throws InterruptedException {
        try {
            return new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private static byte[] capture(int packets) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PcapWriter writer = new PcapWriter(out, 1, Resolution.MICROSECONDS, ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < packets; i++) {
            writer.write(TIME_NS + i * 1_000L, OCTETS);
        }
        return out.toByteArray();
    }

    private Path file(ByteArrayOutputStream content) throws IOException {
        return file(content.toByteArray());
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(folder, "capture", ""), content);
    }

    private Path gzip(byte[] content) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(content);
        }
        return file(out);
    }
}
