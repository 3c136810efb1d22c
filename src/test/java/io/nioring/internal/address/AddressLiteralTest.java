package io.nioring.internal.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressLiteralTest {
  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "10.0.200.7", "255.255.255.255", "::1", "[fd00::7]", "::"})
  void anAddressIsTakenAsItIs(String text) throws Exception {
    assertThat(AddressLiteral.parse(text)).isEqualTo(InetAddress.getByName(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "db",
        "localhost",
        "1.2.3",
        "7",
        "1.2.3.256",
        "999.1.1.1",
        "1.2.3.4.5",
        "host:80",
        "localhost:",
        "[localhost:]",
        "1.2.3.4:80"
      })
  void aNameIsNotLookedUp(String text) {
    assertThatThrownBy(() -> AddressLiteral.parse(text))
        .isInstanceOf(UnknownHostException.class)
        .satisfies(
            failure ->
                assertThat(Arrays.stream(failure.getStackTrace()))
                    .noneMatch(frame -> frame.getMethodName().contains("ookup")));
  }
}
