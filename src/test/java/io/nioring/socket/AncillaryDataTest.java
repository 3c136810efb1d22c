package io.nioring.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channel;
import java.nio.channels.Channels;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AncillaryDataTest {
  private final Channel channel = Channels.newChannel(InputStream.nullInputStream());
  private final PeerCredentials someone = new PeerCredentials(1, 2, 3, "user", "group");

  @Test
  void keepsRightsInTheirOrderAndByKind() {
    AncillaryData data =
        AncillaryData.builder().descriptor(7).channel(channel).credentials(someone).build();

    assertThat(data.rights()).hasSize(2);
    assertThat(data.channels()).containsExactly(channel);
    assertThat(data.descriptors().get(0).fd()).isEqualTo(7);
    assertThat(data.credentials()).contains(someone);
    assertThat(data.toString()).contains("fd=7", "user");
  }

  @Test
  void withoutAnythingIsNone() {
    assertThat(AncillaryData.builder().build()).isSameAs(AncillaryData.none());
    assertThat(AncillaryData.ofChannels()).isSameAs(AncillaryData.none());
  }

  @Test
  void isImmutableAndAValue() {
    AncillaryData.Builder builder = AncillaryData.builder().channel(channel);
    AncillaryData one = builder.build();
    builder.channel(channel);

    assertThat(one.rights()).hasSize(1);
    assertThat(one).isEqualTo(AncillaryData.ofChannels(channel)).isNotEqualTo(builder.build());
    assertThat(one).hasSameHashCodeAs(AncillaryData.ofChannels(channel));
  }

  @Test
  void refusesNullsAndNegativeNumbers() {
    assertThatThrownBy(() -> Right.channel(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> AncillaryData.builder().right(null))
        .isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> Right.descriptor(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MessageOption.rightsRoom(-1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> MessageOption.timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDescriptorThatIsOwnedIsReleasedOnce() throws IOException {
    AtomicInteger released = new AtomicInteger();
    Closeable release = released::incrementAndGet;
    DescriptorRight right = new DescriptorRight(7, release);
    right.close();
    right.close();
    assertThat(released).hasValue(1);
  }

  @Test
  void credentialsAreTheSameByTheirIds() {
    assertThat(someone.sameIds(new PeerCredentials(1, 2, 3, "other", "names"))).isTrue();
    assertThat(someone.sameIds(new PeerCredentials(1, 2, 4, "user", "group"))).isFalse();
  }
}
