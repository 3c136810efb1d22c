package io.nioring.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter's words. */
class SocketFilterTest {
  private static final SocketAddress NEAR = ip("10.0.0.2", 49153);
  private static final SocketAddress FAR = ip("10.0.0.7", 5432);

  private static InetSocketAddress ip(String host, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByName(host), port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "dport = :5432",
        "dport=:5432",
        "dport 5432",
        "port eq 5432",
        "port 49153",
        "not port 80",
        "! port 80 and dport > 5431",
        "sport >= 49153 dport <= 5432",
        "sport ne 80 && dport lt 5433",
        "src 10.0.0.2",
        "src = 10.0.0.0/8",
        "dst 10.0.0.7:5432",
        "dst :5432",
        "dst *:5432",
        "dst 10.0.0.7:*",
        "state established",
        "state connected and ( port 80 or dport :5432 )",
        "port 80 or port 5432",
        "port 80 and port 81 or port 5432",
      })
  void holds(String text) {
    assertThat(SocketFilter.parse(text).matches(NEAR, FAR)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sport = :5432",
        "dport 5433",
        "not ( port 5432 )",
        "src 10.0.0.7",
        "dst 10.0.0.8/29",
        "dst 10.0.0.7:80",
        "src ::1",
        "src unix:/run/*",
        "state listening",
        "port 5432 and port 80",
      })
  void doesNotHold(String text) {
    assertThat(SocketFilter.parse(text).matches(NEAR, FAR)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "src unix:\"/run/my app (1)/*\" and dst unix:*",
        "src \"unix:/run/my app (1)/a=b\"",
        "not src \"/run/my app\""
      })
  void quotedPathMayHaveSpaces(String text) {
    SocketAddress path = UnixDomainSocketAddress.of("/run/my app (1)/a=b");
    assertThat(SocketFilter.parse(text).matches(path, path)).isTrue();
  }

  @Test
  void quoteThatIsNotClosedIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SocketFilter.parse("src unix:\"/run/my app"))
        .withMessage("A quote is not closed, in the filter");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"src 1.2.3", "dst 10", "src 10/8", "dst 10.0.0:80", "src 1.2.3.256", "dst db"})
  void whatIsNoAddressIsRefused(String text) {
    assertThatThrownBy(() -> SocketFilter.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not an address");
  }

  @Test
  void pathsAndIpv6() {
    SocketAddress path = UnixDomainSocketAddress.of("/run/app/db.sock");
    assertThat(SocketFilter.parse("dst unix:/run/app/*").matches(null, path)).isTrue();
    assertThat(SocketFilter.parse("dst /run/app/db.sock").matches(null, path)).isTrue();
    assertThat(SocketFilter.parse("dst /run/app").matches(null, path)).isFalse();
    assertThat(SocketFilter.parse("port 80").matches(null, path)).isFalse();
    assertThat(SocketFilter.parse("port != 80").matches(null, path)).isFalse();
    SocketAddress six = ip("2001:db8::7", 80);
    assertThat(SocketFilter.parse("dst [2001:db8::7]:80").matches(null, six)).isTrue();
    assertThat(SocketFilter.parse("dst 2001:db8::/32").matches(null, six)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sport",
        "port http",
        "port 70000",
        "prot 80",
        "state opened",
        "src example.org",
        "src 10.0.0.0/33",
        "( port 80",
        "port 80 )",
        "not",
        "port 80 or",
      })
  void refusesWhatItDoesNotKnow(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> SocketFilter.parse(text))
        .withMessageContaining("ilter");
  }
}
