package io.nioring.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ipv6TextTest {

  @ParameterizedTest
  @CsvSource({
    "0:0:0:0:0:0:0:0, ::",
    "0:0:0:0:0:0:0:1, ::1",
    "1:0:0:0:0:0:0:0, 1::",
    "FD00:0:0:0:0:0:0:00AB, fd00::ab",
    "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
    "1:0:3:4:5:6:7:8, 1:0:3:4:5:6:7:8",
    "1:0:0:4:0:0:7:8, 1::4:0:0:7:8",
    "1:0:0:4:0:0:0:8, 1:0:0:4::8",
    "2001:db8:0:0:0:0:2:1, 2001:db8::2:1",
    "ff02:0:0:0:0:0:ffff:fffe, ff02::ffff:fffe",
  })
  void writesTheRecommendedForm(String literal, String text) throws UnknownHostException {
    byte[] bytes = InetAddress.getByName(literal).getAddress();

    assertThat(Ipv6Text.of(bytes)).isEqualTo(text);
    assertThat(InetAddress.getByName(text).getAddress()).isEqualTo(bytes);
  }
}
