package io.nioring.socket;

import java.nio.channels.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What accompanies the bytes of a message: rights, and the credentials of its sender. An immutable
 * value, safe for use by many threads.
 */
public final class AncillaryData {
  /** The most rights that a message carries ({@code SCM_MAX_FD} on Linux). */
  public static final int MAX_RIGHTS = 253;

  private static final AncillaryData NONE = new AncillaryData(List.of(), null);

  private final List<Right> rights;
  private final PeerCredentials credentials;

  private AncillaryData(List<Right> rights, PeerCredentials credentials) {
    this.rights = rights;
    this.credentials = credentials;
  }

  /** {@return the value without rights and credentials} */
  public static AncillaryData none() {
    return NONE;
  }

  /**
   * Channels to hand over and nothing else.
   *
   * @param channels open channels, 253 at most
   * @return the value
   * @throws IllegalArgumentException if there are more
   */
  public static AncillaryData ofChannels(Channel... channels) {
    Builder builder = builder();
    for (Channel channel : channels) {
      builder.channel(channel);
    }
    return builder.build();
  }

  /** {@return a builder of a value without rights and credentials} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return the rights in the order in which they were added} */
  public List<Right> rights() {
    return rights;
  }

  /** {@return the channels among the rights} */
  public List<Channel> channels() {
    return rights.stream()
        .filter(ChannelRight.class::isInstance)
        .map(right -> ((ChannelRight) right).channel())
        .toList();
  }

  /** {@return the descriptors among the rights} */
  public List<DescriptorRight> descriptors() {
    return rights.stream()
        .filter(DescriptorRight.class::isInstance)
        .map(DescriptorRight.class::cast)
        .toList();
  }

  /**
   * The sender's credentials: of a message to send, those it names instead of its own; of a
   * received one, those of its sender if the receiver asked for them.
   *
   * @return the credentials
   */
  public Optional<PeerCredentials> credentials() {
    return Optional.ofNullable(credentials);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AncillaryData data
        && rights.equals(data.rights)
        && Objects.equals(credentials, data.credentials);
  }

  @Override
  public int hashCode() {
    return Objects.hash(rights, credentials);
  }

  @Override
  public String toString() {
    return "AncillaryData[rights=" + rights + ", credentials=" + credentials + "]";
  }

  /** Collects ancillary data. Not safe for concurrent use. */
  public static final class Builder {
    private final List<Right> rights = new ArrayList<>();
    private PeerCredentials credentials;

    private Builder() {}

    /**
     * Adds a right.
     *
     * @param right the right
     * @return this builder
     */
    public Builder right(Right right) {
      rights.add(Objects.requireNonNull(right, "right"));
      return this;
    }

    /**
     * Adds a channel to hand over.
     *
     * @param channel an open channel of any kind
     * @return this builder
     */
    public Builder channel(Channel channel) {
      return right(Right.channel(channel));
    }

    /**
     * Adds a raw file descriptor, which a send duplicates.
     *
     * @param fd an open descriptor of this process
     * @return this builder
     */
    public Builder descriptor(int fd) {
      return right(Right.descriptor(fd));
    }

    /**
     * Names the credentials to send instead of the sender's own. Only a sender whose user id is 0
     * may name others.
     *
     * @param sender the credentials, null for the sender's own
     * @return this builder
     */
    public Builder credentials(PeerCredentials sender) {
      credentials = sender;
      return this;
    }

    /**
     * Makes the value.
     *
     * @return the value
     * @throws IllegalArgumentException if there are more than 253 rights
     */
    public AncillaryData build() {
      if (rights.size() > MAX_RIGHTS) {
        throw new IllegalArgumentException(
            rights.size() + " rights, expected at most " + MAX_RIGHTS + " in a message");
      }
      return rights.isEmpty() && credentials == null
          ? NONE
          : new AncillaryData(List.copyOf(rights), credentials);
    }
  }
}
