package flowstate.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Community ID, connection id and scope. */
class ConnectionNamesTest {

    private static byte[] address(String text) throws UnknownHostException {
        return InetAddress.getByName(text).getAddress();
    }

    /** The vectors of the Community ID specification, version 1, seed 0. */
    @ParameterizedTest
    @CsvSource({
        "1.2.3.4, 1122, 5.6.7.8, 3344, 1:wCb3OG7yAFWelaUydu0D+125CLM=",
        "128.232.110.120, 34855, 66.35.250.204, 80, 1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        "2001:470:e5bf:dead:4957:2174:e82c:4887, 63943, 2607:f8b0:400c:c03::1a, 25, 1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="
    })
    void theCommunityIdIsTheSpecifications(String address, int port, String other, int otherPort, String id)
            throws UnknownHostException {
        byte[] one = address(address);
        byte[] two = address(other);
        assertThat(CommunityId.of(ConnectionKey.of(one, port, two, otherPort, "")))
                .isEqualTo(id);
        assertThat(CommunityId.of(ConnectionKey.of(two, otherPort, one, port, "scoped")))
                .isEqualTo(id);
    }

    @Property
    void aConnectionIdReadsBackFromItsText(@ForAll byte a, @ForAll byte b, @ForAll long instance) {
        ConnectionKey key = ConnectionKey.of(new byte[] {a, 1, 2, 3}, 40000, new byte[] {b, 1, 2, 3}, 80, "net");
        ConnectionId id = new ConnectionId(key, instance);
        assertThat(ConnectionId.parse(id.toString())).isEqualTo(id);
        assertThat(id.toString()).matches("[A-Za-z0-9_-]+");
    }

    @Test
    void aConnectionIdIsTheKeyThenTheInstanceBigEndian() {
        ConnectionKey key = ConnectionKey.of(new byte[] {10, 0, 0, 1}, 1, new byte[] {10, 0, 0, 2}, 2, "");
        byte[] bytes = Base64.getUrlDecoder().decode(new ConnectionId(key, 0x0102030405060708L).toString());
        assertThat(bytes)
                .startsWith(key.toBytes())
                .endsWith(1, 2, 3, 4, 5, 6, 7, 8)
                .hasSize(13 + 8);
    }

    @Property
    void theInstanceDependsOnTheSequenceNumberAndOnTheStart(@ForAll long startedAtNs) {
        long instance = ConnectionId.instanceOf(1000, startedAtNs);
        assertThat(ConnectionId.instanceOf(1000, startedAtNs)).isEqualTo(instance);
        assertThat(ConnectionId.instanceOf(1001, startedAtNs)).isNotEqualTo(instance);
        assertThat(ConnectionId.instanceOf(-1, startedAtNs)).isNotEqualTo(instance);
        assertThat(ConnectionId.instanceOf(1000, startedAtNs + 1)).isNotEqualTo(instance);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "not base64!", "AQIDBAUGBwgJCgsMDQ4PEA"})
    void whatIsNoConnectionIdIsRefused(String text) {
        assertThatThrownBy(() -> ConnectionId.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("not a connection ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1", "127.255.255.254", "0.0.0.0", "169.254.1.1", "::", "::1", "fe80::1", "febf::1"})
    void hostLocalAddressesAreScopedByTheAgent(String text) throws UnknownHostException {
        byte[] global = address(text).length == 4 ? address("192.0.2.1") : address("2001:db8::1");
        assertThat(Scope.of(address(text), global, "host-a", "vpc")).isEqualTo("host-a");
        assertThat(Scope.of(global, address(text), "host-a", "vpc")).isEqualTo("host-a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"128.0.0.1", "10.0.0.1", "0.0.0.1", "169.253.1.1", "::2", "1::1", "fec0::1", "fe7f::1"})
    void otherAddressesAreScopedByTheNetwork(String text) throws UnknownHostException {
        byte[] global = address(text).length == 4 ? address("192.0.2.1") : address("2001:db8::1");
        assertThat(Scope.of(address(text), global, "host-a", "vpc")).isEqualTo("vpc");
        assertThat(Scope.of(address(text), global, "host-a", "")).isEmpty();
    }

    @Test
    void anIpv4MappedLoopbackIsScopedByTheAgent() {
        byte[] mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 127, 0, 0, 1};
        assertThat(Scope.isHostLocal(mapped)).isTrue();
        mapped[12] = 10;
        assertThat(Scope.isHostLocal(mapped)).isFalse();
    }
}
