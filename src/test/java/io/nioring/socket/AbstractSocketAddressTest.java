package io.nioring.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

class AbstractSocketAddressTest {

  @Test
  void isAValueOfItsBytes() {
    byte[] name = {'n', 0, 'b'};
    AbstractSocketAddress address = AbstractSocketAddress.of(name);
    name[0] = 'x';
    address.name()[0] = 'x';

    assertThat(address.name()).containsExactly('n', 0, 'b');
    assertThat(address).isEqualTo(AbstractSocketAddress.of(new byte[] {'n', 0, 'b'}));
    assertThat(address).isNotEqualTo(AbstractSocketAddress.of("n"));
    assertThat(AbstractSocketAddress.of("name")).hasToString("@name");
    assertThat(AbstractSocketAddress.of("name"))
        .hasSameHashCodeAs(AbstractSocketAddress.of("name"));
  }

  @Test
  void takes1To107Bytes() {
    assertThat(AbstractSocketAddress.of("n".repeat(107)).name()).hasSize(107);
    assertThatThrownBy(() -> AbstractSocketAddress.of("n".repeat(108)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("108");
    assertThatThrownBy(() -> AbstractSocketAddress.of(""))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void uniqueOnesDiffer() {
    AbstractSocketAddress one = AbstractSocketAddress.unique("test");
    assertThat(one.toString()).startsWith("@test-");
    assertThat(one).isNotEqualTo(AbstractSocketAddress.unique("test"));
    assertThat(AbstractSocketAddress.unique("p".repeat(70)).name()).hasSize(107);
  }

  @Test
  void canBeSerialized() throws Exception {
    AbstractSocketAddress address = AbstractSocketAddress.of("name");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(address);
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertThat(in.readObject()).isEqualTo(address);
    }
  }
}
