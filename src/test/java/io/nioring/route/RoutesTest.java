package io.nioring.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {

  private static final String EXAMPLE =
      "tcp:127.0.0.1:9000-9100=ring; unix:/run/app/*=hybrid; tcp:*:443=kernel";

  @Test
  void theExampleRoutesByAddress() {
    Routes routes = Routes.parse(EXAMPLE);

    assertThat(routes.isEmpty()).isFalse();
    assertThat(routes.modeFor(inet("127.0.0.1", 9000), Mode.HYBRID)).isEqualTo(Mode.RING);
    assertThat(routes.modeFor(inet("127.0.0.1", 9100), Mode.HYBRID)).isEqualTo(Mode.RING);
    assertThat(routes.modeFor(inet("127.0.0.1", 9101), Mode.HYBRID)).isEqualTo(Mode.HYBRID);
    assertThat(routes.modeFor(unix("/run/app/a/b"), Mode.RING)).isEqualTo(Mode.HYBRID);
    assertThat(routes.modeFor(unix("/run/apps"), Mode.RING)).isEqualTo(Mode.RING);
    assertThat(routes.modeFor(inet("10.1.2.3", 443), Mode.RING)).isEqualTo(Mode.KERNEL);
  }

  @Test
  void theFirstRuleThatMatchesWins() {
    Routes routes = Routes.parse("tcp:*:80=ring; tcp:*:*=kernel; tcp:*:81=ring");

    assertThat(routes.modeFor(inet("127.0.0.1", 80), Mode.HYBRID)).isEqualTo(Mode.RING);
    assertThat(routes.modeFor(inet("127.0.0.1", 81), Mode.HYBRID)).isEqualTo(Mode.KERNEL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ";", " ; ;", "\t\n"})
  void blankTextIsNoRoutes(String text) {
    Routes routes = Routes.parse(text);

    assertThat(routes).isEqualTo(Routes.none()).hasToString("");
    assertThat(routes.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @EnumSource
  void noRoutesLeaveTheModeAsItIs(Mode mode) {
    assertThat(Routes.none().modeFor(inet("127.0.0.1", 1), mode)).isEqualTo(mode);
    assertThat(Routes.none().modeFor(unix(""), mode)).isEqualTo(mode);
  }

  @Test
  void foreignKindsOfAddressesMatchNothing() {
    SocketAddress foreign = new ForeignAddress();

    assertThat(Routes.parse("tcp:*:*=ring; unix:*=ring").modeFor(foreign, Mode.KERNEL))
        .isEqualTo(Mode.KERNEL);
  }

  @Test
  void eachSchemeIsForItsOwnKindOfAddress() {
    assertThat(matches("tcp:*:*", unix("/a"))).isFalse();
    assertThat(matches("unix:*", inet("127.0.0.1", 1))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "tcp:127.0.0.1:*, 127.0.0.1, true",
    "tcp:127.0.0.1:*, 127.0.0.2, false",
    "tcp:10.0.0.0/8:*, 10.255.0.1, true",
    "tcp:10.0.0.0/8:*, 11.0.0.0, false",
    "tcp:10.9.9.9/8:*, 10.0.0.1, true",
    "tcp:172.16.0.0/12:*, 172.31.255.255, true",
    "tcp:172.16.0.0/12:*, 172.32.0.0, false",
    "tcp:172.16.0.0/12:*, 172.15.255.255, false",
    "tcp:192.168.1.254/31:*, 192.168.1.255, true",
    "tcp:192.168.1.254/31:*, 192.168.1.253, false",
    "tcp:1.2.3.4/32:*, 1.2.3.4, true",
    "tcp:1.2.3.4/32:*, 1.2.3.5, false",
    "tcp:128.0.0.0/1:*, 200.0.0.1, true",
    "tcp:128.0.0.0/1:*, 127.0.0.1, false",
    "tcp:0.0.0.0/0:*, 200.0.0.1, true",
    "tcp:0.0.0.0/0:*, ::1, false",
    "tcp:[::1]:*, ::1, true",
    "tcp:[0:0:0:0:0:0:0:1]:*, ::1, true",
    "tcp:[::1]:*, ::2, false",
    "tcp:[::1]:*, 127.0.0.1, false",
    "tcp:[fd00::]/8:*, fdff::1, true",
    "tcp:[fd00::]/8:*, fe00::1, false",
    "tcp:[2001:db8::]/33:*, 2001:db8:7fff::, true",
    "tcp:[2001:db8::]/33:*, 2001:db8:8000::, false",
    "tcp:[::]/0:*, fe80::1, true",
    "tcp:[::]/0:*, 127.0.0.1, false",
    "tcp:[::]:*, ::, true",
    "tcp:0.0.0.0:*, 0.0.0.0, true",
    "tcp:*:*, 0.0.0.0, true",
    "tcp:*:*, ::, true",
    "tcp:[::ffff:127.0.0.1]:*, 127.0.0.1, true",
    "tcp:[::ffff:7f00:1]:*, 127.0.0.1, true",
    "tcp:[::ffff:10.0.0.0]/104:*, 10.1.1.1, true",
    "tcp:[::ffff:10.0.0.0]/104:*, 11.1.1.1, false",
    "tcp:[::ffff:0.0.0.0]/96:*, 11.1.1.1, true",
  })
  void hostsMatchByBits(String pattern, String literal, boolean matches) {
    assertThat(matches(pattern, inet(literal, 1))).isEqualTo(matches);
  }

  @Test
  void aMappedAddressEqualsItsIpv4Address() throws UnknownHostException {
    byte[] bytes = new byte[16];
    bytes[10] = -1;
    bytes[11] = -1;
    bytes[12] = 127;
    bytes[15] = 1;
    // This way to make it keeps it an IPv6 address.
    InetSocketAddress mapped =
        new InetSocketAddress(Inet6Address.getByAddress(null, bytes, -1), 80);
    assertThat(mapped.getAddress()).isInstanceOf(Inet6Address.class);

    assertThat(matches("tcp:127.0.0.1:80", mapped)).isTrue();
    assertThat(matches("tcp:127.0.0.0/8:80", mapped)).isTrue();
    assertThat(matches("tcp:[::ffff:127.0.0.1]:80", mapped)).isTrue();
    assertThat(matches("tcp:[::]/0:80", mapped)).isFalse();
  }

  @Test
  void anAddressThatOnlyLooksMappedIsAnIpv6Address() throws UnknownHostException {
    byte[] bytes = new byte[16];
    bytes[0] = 1;
    bytes[10] = -1;
    bytes[11] = -1;
    InetSocketAddress address = new InetSocketAddress(InetAddress.getByAddress(bytes), 80);

    assertThat(matches("tcp:[100::ffff:0:0]:80", address)).isTrue();
    assertThat(matches("tcp:0.0.0.0:80", address)).isFalse();
  }

  @Test
  void zonesAreNotLookedAt() throws UnknownHostException {
    byte[] linkLocal = InetAddress.getByName("fe80::1").getAddress();
    InetSocketAddress scoped =
        new InetSocketAddress(Inet6Address.getByAddress(null, linkLocal, 3), 80);

    assertThat(matches("tcp:[fe80::1]:80", scoped)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "tcp:db.example.com:*, db.example.com, true",
    "tcp:DB.example.com:*, db.EXAMPLE.com, true",
    "tcp:db.example.com:*, example.com, false",
    "tcp:db_1-x:*, db_1-x, true",
    "tcp:1host:*, 1host, true",
    "tcp:*:*, db.example.com, true",
    "tcp:127.0.0.1:*, db.example.com, false",
  })
  void namesAreComparedAndNotResolved(String pattern, String name, boolean matches) {
    assertThat(matches(pattern, InetSocketAddress.createUnresolved(name, 1))).isEqualTo(matches);
  }

  @Test
  void aResolvedAddressMatchesByNameAndByAddress() throws UnknownHostException {
    InetAddress resolved = InetAddress.getByAddress("db.example.com", new byte[] {10, 0, 0, 1});
    InetSocketAddress address = new InetSocketAddress(resolved, 5432);

    assertThat(matches("tcp:db.example.com:5432", address)).isTrue();
    assertThat(matches("tcp:10.0.0.1:5432", address)).isTrue();
    assertThat(matches("tcp:db.example.com:5432", inet("10.0.0.1", 5432))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "tcp:*:*, true",
    "tcp:*:0, true",
    "tcp:*:0-100, true",
    "tcp:*:1-65535, false",
    "tcp:*:80, false",
  })
  void portZeroMatchesWhatIncludesIt(String pattern, boolean matches) {
    assertThat(matches(pattern, inet("127.0.0.1", 0))).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "unix:*, /a/b, true",
    "unix:*, '', true",
    "unix:/a/*, '', false",
    "unix:/a/*, /a/b/c, true",
    "unix:/a/?, /a/b, true",
    "unix:/a/?, /a/bc, false",
    "unix:/a=b, /a=b, true",
    "unix:/a?b, /a;b, true",
    "unix:/with space/*, /with space/x, true",
    "unix:rel/*, rel/x, true",
    "unix:/a, /A, false",
  })
  void pathsMatchByGlob(String pattern, String path, boolean matches) {
    assertThat(matches(pattern, unix(path))).isEqualTo(matches);
  }

  @Test
  void aRelativePathMatchesInItsAbsoluteFormToo() {
    String directory = Path.of("").toAbsolutePath().toString();

    assertThat(matches("unix:" + directory + "/x.sock", unix("x.sock"))).isTrue();
    assertThat(matches("unix:" + directory + "*", unix(""))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "tcp:127.0.0.1:9000-9100=ring;, tcp:127.0.0.1:9000-9100=ring",
    "' tcp:*:1 = RING ;unix:/a b = Kernel ; ', tcp:*:1=ring; unix:/a b=kernel",
    ";;tcp:*:0-65535=ring;;unix:*=hybrid, tcp:*:*=ring; unix:*=hybrid",
    "TCP:Host.Example:80-80=ring, tcp:host.example:80=ring",
    "Unix:/A*=ring, unix:/A*=ring",
    "tcp:10.1.2.3/8:1=ring, tcp:10.0.0.0/8:1=ring",
    "tcp:10.1.2.3/32:1=ring, tcp:10.1.2.3:1=ring",
    "tcp:1.2.3.4/0:1=ring, tcp:0.0.0.0/0:1=ring",
    "tcp:[0:0:0:0:0:0:0:1]:1=ring, tcp:[::1]:1=ring",
    "tcp:[FD00::1:0]/8:1=ring, tcp:[fd00::]/8:1=ring",
    "tcp:[::1]/128:1=ring, tcp:[::1]:1=ring",
    "tcp:[::ffff:127.0.0.1]:1=ring, tcp:127.0.0.1:1=ring",
    "tcp:[::ffff:10.0.0.0]/104:1=ring, tcp:10.0.0.0/8:1=ring",
  })
  void theTextIsCanonicalAndParsesBack(String text, String canonical) {
    Routes routes = Routes.parse(text);

    assertThat(routes).hasToString(canonical);
    assertThat(Routes.parse(canonical)).isEqualTo(routes).hasSameHashCodeAs(routes);
  }

  @Test
  void datagramsHaveRulesOfTheirOwn() {
    Routes routes = Routes.parse("tcp:*:53=hybrid; UDP:*:53=kernel; udp:10.0.0.0/8:1-9=ring");
    assertThat(routes.toString())
        .isEqualTo("tcp:*:53=hybrid; udp:*:53=kernel; udp:10.0.0.0/8:1-9=ring");
    assertThat(routes.modeFor(inet("10.0.0.1", 53), Mode.RING)).isEqualTo(Mode.HYBRID);
    assertThat(routes.datagramModeFor(inet("10.0.0.1", 53), Mode.RING)).isEqualTo(Mode.KERNEL);
    assertThat(routes.datagramModeFor(inet("10.0.0.1", 5), Mode.KERNEL)).isEqualTo(Mode.RING);
    assertThat(routes.datagramModeFor(inet("10.0.0.1", 54), Mode.RING)).isEqualTo(Mode.RING);
    assertThat(routes.modeFor(inet("10.0.0.1", 5), Mode.KERNEL)).isEqualTo(Mode.KERNEL);
  }

  @Test
  void routesTellWhetherDatagramsMayBeInRing() {
    assertThat(Routes.none().mayBeDatagramsInRing(true)).isTrue();
    assertThat(Routes.none().mayBeDatagramsInRing(false)).isFalse();
    assertThat(Routes.parse("udp:*:*=kernel").mayBeDatagramsInRing(true)).isFalse();
    assertThat(Routes.parse("udp:*:53=kernel").mayBeDatagramsInRing(true)).isTrue();
    assertThat(Routes.parse("udp:*:53=ring; udp:*:*=kernel").mayBeDatagramsInRing(true)).isTrue();
    assertThat(Routes.parse("tcp:*:*=ring").mayBeDatagramsInRing(false)).isFalse();
  }

  @Test
  void equalRoutesHaveTheSameRulesInTheSameOrder() {
    assertThat(Routes.parse("unix:a=ring;unix:b=ring"))
        .isEqualTo(Routes.parse("unix:a=ring; unix:b=RING"))
        .isNotEqualTo(Routes.parse("unix:b=ring;unix:a=ring"))
        .isNotEqualTo(Routes.parse("unix:a=ring"))
        .isNotEqualTo("unix:a=ring;unix:b=ring");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tcp:*:80 | expected <address>=<mode>",
        "tcp:*:80= | unknown mode \"\", expected one of ring, hybrid, kernel",
        "tcp:*:80=rng | unknown mode \"rng\", expected one of ring, hybrid, kernel",
        "=ring | expected an address that starts with tcp:, udp: or unix:",
        "sctp:*:53=ring | expected an address that starts with tcp:, udp: or unix:",
        "127.0.0.1:80=ring | expected an address that starts with tcp:, udp: or unix:",
        "unix:=ring | expected unix:<path>, with * for any path",
        "tcp:*=ring | expected tcp:<host>:<port>, with * for any port",
        "tcp:=ring | expected tcp:<host>:<port>, with * for any port",
        "tcp:[::1]=ring | expected tcp:<host>:<port>, with * for any port",
        "tcp:*:=ring | expected a port *, N or N-M with numbers of 0 to 65535, found \"\"",
        "tcp:*:65536=ring | expected a port *, N or N-M with numbers of 0 to 65535, found 65536",
        "tcp:*:9-8=ring | expected a range of ports N-M with N no greater than M, found 9-8",
        "tcp:10.0.0.0/33:1=ring | expected a prefix length of 0 to 32, found 33",
        "tcp:[::]/129:1=ring | expected a prefix length of 0 to 128, found 129",
        "tcp:[::ffff:1.2.3.4]/95:1=ring | expected a prefix length of 96 to 128, found 95",
      })
  void malformedRulesAreRefusedWithNumberTextAndWhatWasExpected(String rule, String expected) {
    assertThatThrownBy(() -> Routes.parse("unix:*=ring;; " + rule + " ;unix:*=ring"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Route 2 \"" + rule + "\" is malformed: " + expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0",
        "1.2.3.4.5",
        "256.0.0.1",
        "01.2.3.4",
        "1.2.3.1000",
        "1..2.3",
        ".",
        "7",
        "10.0.0.0/",
        "10.0.0.0/x",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "host/8",
        "/8",
        "::1",
        "[]",
        "[:]",
        "[1]",
        "[1.2.3.4]",
        "[::1",
        "[::1%lo]",
        "[fe80::1%1]",
        "[::g]",
        "[1:2:3]",
        "[::1::]",
        "[::1]x",
        "[fd00::/8]",
        "[host]"
      })
  void malformedHostAddressesAreRefused(String host) {
    assertThatThrownBy(() -> Routes.parse("tcp:" + host + ":1=ring"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Route 1 \"tcp:" + host + ":1=ring\" is malformed: expected ")
        .hasMessageContaining("IPv6 address in brackets")
        .hasMessageEndingWith("found \"" + host + "\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "*.example.com", "127.0.0.*", ".a", "a.", "a..b", "a,b", "::"})
  void malformedHostNamesAreRefused(String host) {
    assertThatThrownBy(() -> Routes.parse("tcp:" + host + ":1=ring"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("found \"" + host + "\"");
  }

  @Test
  void nullsAreRefused() {
    assertThatNullPointerException().isThrownBy(() -> Routes.parse(null));
    assertThatNullPointerException().isThrownBy(() -> Routes.none().modeFor(null, Mode.RING));
    assertThatNullPointerException().isThrownBy(() -> Routes.none().modeFor(unix("/a"), null));
  }

  private static boolean matches(String pattern, SocketAddress address) {
    return Routes.parse(pattern + "=ring").modeFor(address, Mode.KERNEL) == Mode.RING;
  }

  /** Takes literals alone, so nothing is looked up. */
  private static InetSocketAddress inet(String literal, int port) {
    return new InetSocketAddress(literal, port);
  }

  private static UnixDomainSocketAddress unix(String path) {
    return UnixDomainSocketAddress.of(path);
  }

  private static final class ForeignAddress extends SocketAddress {
    private static final long serialVersionUID = 1;
  }
}
