package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionKeyTest {
    private static final byte[] TEN_ONE = {10, 0, 0, 1};
    private static final byte[] CLASS_C = {(byte) 192, (byte) 168, 0, 2};

    record Tuple(byte[] address, int port, byte[] otherAddress, int otherPort, String scope) {}

    @Provide
    Arbitrary<Tuple> tuples() {
        Arbitrary<Integer> ports = Arbitraries.oneOf(Arbitraries.integers().between(0, 65535), Arbitraries.of(80, 81));
        return Arbitraries.of(4, 16)
                .flatMap(n -> Combinators.combine(addresses(n), ports, addresses(n), ports, Arbitraries.of("", "vpc-ä"))
                        .as(Tuple::new));
    }

    private static Arbitrary<byte[]> addresses(int n) {
        // few values, so that equal and nearly equal addresses come up
        return Arbitraries.bytes().array(byte[].class).ofSize(n).map(bytes -> {
            for (int i = 0; i < n; i++) {
                bytes[i] = (byte) (bytes[i] > 0 ? 0 : bytes[i] == 0 ? 127 : 255);
            }
            return bytes;
        });
    }

    @Property
    void bothDirectionsGiveTheSameKey(@ForAll("tuples") Tuple t) {
        ConnectionKey one = ConnectionKey.of(t.address, t.port, t.otherAddress, t.otherPort, t.scope);
        ConnectionKey other = ConnectionKey.of(t.otherAddress, t.otherPort, t.address, t.port, t.scope);
        assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
        assertThat(one.toBytes()).isEqualTo(other.toBytes());
    }

    @Property
    void theLowEndIsTheOneWithTheLowerUnsignedAddressThenPort(@ForAll("tuples") Tuple t) {
        ConnectionKey key = ConnectionKey.of(t.address, t.port, t.otherAddress, t.otherPort, t.scope);
        HexFormat hex = HexFormat.of();
        String low = hex.formatHex(key.lowAddress()) + String.format("%04x", key.lowPort());
        String high = hex.formatHex(key.highAddress()) + String.format("%04x", key.highPort());
        assertThat(low).isLessThanOrEqualTo(high);
    }

    @Property
    void theBytesHoldAllOfTheKey(@ForAll("tuples") Tuple t) {
        ConnectionKey key = ConnectionKey.of(t.address, t.port, t.otherAddress, t.otherPort, t.scope);
        ConnectionKey read = ConnectionKey.fromBytes(key.toBytes());
        assertThat(read).isEqualTo(key);
        assertThat(read.scope()).isEqualTo(t.scope);
        boolean low = ConnectionKey.isLow(t.address, t.port, t.otherAddress, t.otherPort);
        assertThat(low ? read.lowAddress() : read.highAddress()).isEqualTo(t.address);
        assertThat(low ? read.lowPort() : read.highPort()).isEqualTo(t.port);
        assertThat(low ? read.highPort() : read.lowPort()).isEqualTo(t.otherPort);
    }

    @Test
    void theBytesOfAnIpv4KeyAreFixed() {
        ConnectionKey key = ConnectionKey.of(CLASS_C, 80, TEN_ONE, 40000, "dmz");
        // version 4, 10.0.0.1, 192.168.0.2, port 40000 = 0x9c40, port 80 = 0x0050, "dmz"
        assertThat(HexFormat.of().formatHex(key.toBytes()))
                .isEqualTo("04" + "0a000001" + "c0a80002" + "9c400050" + "646d7a");
    }

    @Test
    void theBytesOfAnIpv6KeyAreFixed() throws UnknownHostException {
        byte[] one = InetAddress.getByName("2001:db8::1").getAddress();
        byte[] two = InetAddress.getByName("2001:db8::2").getAddress();
        assertThat(HexFormat.of()
                        .formatHex(ConnectionKey.of(two, 443, one, 50000, "").toBytes()))
                .isEqualTo("06" + "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "c350"
                        + "01bb");
    }

    @Test
    void addressesCompareUnsigned() {
        assertThat(ConnectionKey.isLow(TEN_ONE, 9, CLASS_C, 1)).isTrue();
        assertThat(ConnectionKey.isLow(CLASS_C, 1, TEN_ONE, 9)).isFalse();
    }

    @Test
    void differentScopesAreDifferentConnections() {
        assertThat(ConnectionKey.of(TEN_ONE, 1, CLASS_C, 2, "a"))
                .isNotEqualTo(ConnectionKey.of(TEN_ONE, 1, CLASS_C, 2, "b"));
    }

    @Test
    void addressesOfDifferentVersionsAreRefused() {
        assertThatThrownBy(() -> ConnectionKey.of(TEN_ONE, 1, new byte[16], 2, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("4 and 16 octets");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "04", "05000000000000000000000000", "040a000001c0a800029c4000", "060a000001c0a800029c400050"
            })
    void whatIsNoKeyIsRefused(String hex) {
        assertThatThrownBy(() -> ConnectionKey.fromBytes(HexFormat.of().parseHex(hex)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not a connection key: ");
    }

    /** The examples of RFC 5952 section 4, and the edges of the address. */
    @ParameterizedTest
    @CsvSource({
        "20010db8000000000000000000000001, 2001:db8::1",
        "20010db8000000000000000000020001, 2001:db8::2:1",
        "20010db8000000010001000100010001, 2001:db8:0:1:1:1:1:1",
        "20010000000000010000000000000001, 2001:0:0:1::1",
        "20010db8000000000001000000000001, 2001:db8::1:0:0:1",
        "2001:0db8:aaaa:bbbb:cccc:dddd:eeee:0aaa, 2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaa",
        "00000000000000000000000000000000, ::",
        "00000000000000000000000000000001, ::1",
        "00010000000000000000000000000000, 1::",
        "fe800000000000000000000000000000, fe80::",
        "00000001000200030004000500060007, 0:1:2:3:4:5:6:7",
        "0a000001, 10.0.0.1",
        "ffff00fe, 255.255.0.254"
    })
    void addressesReadAsRfc5952HasThem(String hex, String text) {
        byte[] address = HexFormat.of().parseHex(hex.replace(":", ""));
        assertThat(ConnectionKey.addressText(address)).isEqualTo(text);
    }

    @Test
    void theKeyIsImmutable() {
        ConnectionKey key = ConnectionKey.of(TEN_ONE, 1, CLASS_C, 2, "");
        byte[] before = key.toBytes();
        Arrays.fill(key.toBytes(), (byte) 0);
        Arrays.fill(key.lowAddress(), (byte) 0);
        assertThat(key.toBytes()).isEqualTo(before);
    }
}
