package io.nioring.consumer.datagrams;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import io.netty.util.concurrent.Future;
import io.nioring.consumer.Wire;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Resolvers that ask a name server by themselves: dnsjava's and Netty's, both on channels. */
class DnsTest {
  private static final int HOSTS = 250;

  private NameServer server;
  private Wire wire;

  @BeforeEach
  void start() throws Exception {
    wire = Wire.watch();
    server = new NameServer();
  }

  @AfterEach
  void stop() throws InterruptedException {
    server.close();
    wire.close();
  }

  @Test
  void resolverOfDnsJava() throws Exception {
    SimpleResolver resolver = new SimpleResolver(server.address());
    resolver.setTimeout(Duration.ofSeconds(60));
    List<CompletionStage<Message>> answers = new ArrayList<>();
    for (int host = 1; host <= HOSTS; host++) {
      Name name = Name.fromString(host + ".test.");
      answers.add(resolver.sendAsync(Message.newQuery(Record.newRecord(name, Type.A, DClass.IN))));
    }
    wire.noKernelDatagrams();
    for (int host = 1; host <= HOSTS; host++) {
      Message answer = answers.get(host - 1).toCompletableFuture().get(60, TimeUnit.SECONDS);
      ARecord record = (ARecord) answer.getSection(Section.ANSWER).get(0);
      assertEquals(NameServer.addressOf(host), record.getAddress());
    }
    wire.noKernelConnections();
  }

  @Test
  void resolverOfNetty() throws Exception {
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    try (DnsNameResolver resolver =
        new DnsNameResolverBuilder(group.next())
            .datagramChannelType(NioDatagramChannel.class)
            .nameServerProvider(new SingletonDnsServerAddressStreamProvider(server.address()))
            .resolvedAddressTypes(ResolvedAddressTypes.IPV4_ONLY)
            .queryTimeoutMillis(60_000)
            .build()) {
      List<Future<InetAddress>> answers = new ArrayList<>();
      for (int host = 1; host <= HOSTS; host++) {
        answers.add(resolver.resolve(host + ".test."));
      }
      wire.noKernelDatagrams();
      for (int host = 1; host <= HOSTS; host++) {
        InetAddress found = answers.get(host - 1).get(60, TimeUnit.SECONDS);
        assertEquals(NameServer.addressOf(host), found);
      }
      wire.noKernelConnections();
    } finally {
      group.shutdownGracefully(0, 0, TimeUnit.SECONDS).get(60, TimeUnit.SECONDS);
    }
  }
}
