package io.nioring.consumer.sockets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.Modification;
import com.unboundid.ldap.sdk.ModificationType;
import com.unboundid.ldap.sdk.ModifyRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import io.nioring.consumer.Certificate;
import io.nioring.consumer.Loopback;
import io.nioring.consumer.Payload;
import io.nioring.consumer.Wire;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import javax.naming.Context;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** UnboundID's directory server in memory, its client, and that of the JDK. */
class LdapTest {
  private static final int CONNECTIONS = 10;
  private static final byte[] PHOTO = Payload.ofSize(500_000);
  private static final String ENTRY = "cn=ring,dc=test";

  private InMemoryDirectoryServer server;
  private Wire wire;

  @BeforeEach
  void start() throws Exception {
    wire = Wire.watch();
    InetAddress address = Loopback.address();
    SSLContext context = Certificate.get().context();
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig("dc=test");
    config.setSchema(null);
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig("plain", address, 0, null),
        InMemoryListenerConfig.createLDAPSConfig(
            "secure", address, 0, context.getServerSocketFactory(), context.getSocketFactory()));
    server = new InMemoryDirectoryServer(config);
    server.startListening();
    server.add("dn: dc=test", "objectClass: domain", "dc: test");
    server.add("dn: " + ENTRY, "objectClass: person", "cn: ring", "sn: sea");
  }

  @AfterEach
  void stop() throws Exception {
    server.shutDown(true);
    wire.close();
  }

  @Test
  void clientOfUnboundId() throws Exception {
    work(SocketFactory.getDefault(), server.getListenPort("plain"));
  }

  @Test
  void clientOfUnboundIdOverTls() throws Exception {
    work(Certificate.get().context().getSocketFactory(), server.getListenPort("secure"));
  }

  private void work(SocketFactory factory, int port) throws Exception {
    List<LDAPConnection> connections = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(new LDAPConnection(factory, Loopback.HOST, port));
    }
    connections
        .get(0)
        .modify(
            new ModifyRequest(
                ENTRY, new Modification(ModificationType.REPLACE, "jpegPhoto", PHOTO)));
    for (LDAPConnection connection : connections) {
      SearchResultEntry found = connection.getEntry(ENTRY, "sn");
      assertEquals("sea", found.getAttributeValue("sn"));
    }
    SearchResultEntry found = connections.get(1).getEntry(ENTRY);
    assertArrayEquals(PHOTO, found.getAttributeValueBytes("jpegPhoto"));
    wire.ringsCarried(CONNECTIONS, 2L * PHOTO.length);
    connections.forEach(LDAPConnection::close);
  }

  @Test
  void clientOfTheJdk() throws Exception {
    Hashtable<String, String> environment = new Hashtable<>();
    environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
    environment.put(
        Context.PROVIDER_URL, "ldap://" + Loopback.URL_HOST + ":" + server.getListenPort("plain"));
    DirContext context = new InitialDirContext(environment);
    for (int i = 0; i < 50; i++) {
      assertEquals("sea", context.getAttributes(ENTRY).get("sn").get());
    }
    wire.ringsCarried(1, 50 * 50);
    context.close();
  }
}
