"""The words people use for columns: users, items, times and the rest, in English and Chinese."""

from __future__ import annotations

USER, ITEM, RATING, TIME, ORDER, EVENT = "user", "item", "rating", "time", "order", "event"
QUANTITY, BASKET, REVIEW = "quantity", "basket", "review"
TITLE, TEXT, CATEGORIES, TAGS, YEAR, BRAND, PRICE = "title", "text", "categories", "tags", "year", "brand", "price"
ATTRIBUTES, VECTORS = "attributes", "vectors"
INTERACTION_ROLES = (USER, ITEM, RATING, TIME, ORDER, EVENT, QUANTITY, BASKET, REVIEW)
ITEM_ROLES = (TITLE, TEXT, CATEGORIES, TAGS, YEAR, BRAND, PRICE)

# Names in lower case without anything but letters and digits; the earlier in a list, the plainer.
NAMES: dict[str, tuple[str, ...]] = {
    USER: (
        "userid", "user", "uid", "username", "customerid", "customer", "visitorid", "visitor", "memberid", "member",
        "accountid", "account", "reviewerid", "reviewer", "clientid", "client", "personid", "person", "listenerid",
        "listener", "readerid", "reader", "playerid", "player", "buyerid", "buyer", "shopperid", "subscriberid",
        "subscriber", "householdid", "householdkey", "household", "profileid", "steamid", "msno", "handle", "login",
        "screenname", "userno", "userkey", "usercode", "useridx", "userindex", "customerno", "customerkey",
        "customernumber", "customercode", "custid", "learnerid", "studentid", "viewerid", "guestid", "followerid",
        "follower", "用户id", "用户", "用户编号", "用户名", "客户id", "客户", "客户编号", "顾客id", "顾客", "会员id",
        "会员", "买家id", "买家", "访客id", "访客", "读者", "听众",
    ),
    ITEM: (
        "itemid", "item", "iid", "movieid", "movie", "filmid", "film", "productid", "product", "parentasin", "asin",
        "articleid", "clickarticleid", "article", "newsid", "news", "songid", "song", "trackid", "track", "artistid",
        "artist", "albumid", "album", "bookid", "book", "isbn", "isbn13", "gameid", "game", "appid", "app",
        "videoid", "video", "businessid", "business", "stockcode", "sku", "skuid", "goodsid", "goods", "contentid",
        "postid", "itemno", "itemkey", "itemcode", "itemidx", "itemindex", "productcode", "productno", "productkey",
        "variantid", "courseid", "course", "recipeid", "recipe", "jobid", "hotelid", "placeid", "poiid", "venueid",
        "locationid", "restaurantid", "gmapid", "podcastid", "podcast", "showid", "show", "animeid", "mangaid",
        "beerid", "wineid", "paperid", "docid", "documentid", "repoid", "pinid", "listingid", "offerid", "adid",
        "campaignid", "barcode", "ean", "upc", "gtin", "creatorid", "creator", "channelid", "followeeid", "followee",
        "followingid", "following", "商品id", "商品", "商品编号", "商品编码", "产品id", "产品", "物品id", "物品",
        "电影id", "电影", "歌曲id", "歌曲", "音乐id", "文章id", "文章", "新闻id", "图书id", "图书", "书籍id", "书籍",
        "视频id", "视频", "内容id", "店铺id", "游戏id", "课程id",
    ),
    RATING: (
        "rating", "ratings", "score", "scores", "stars", "star", "overall", "ratingvalue", "userrating", "userscore",
        "reviewscore", "reviewrating", "starrating", "rate", "grade", "preference", "评分", "打分", "得分", "星级",
        "分数",
    ),
    TIME: (
        "timestamp", "time", "ts", "datetime", "date", "ratingtimestamp", "clicktimestamp", "eventtime",
        "eventtimestamp", "eventdate", "createdat", "createdtime", "createtime", "unixreviewtime", "unixtimestamp",
        "unixtime", "reviewtime", "reviewdate", "ratedat", "purchasedate", "purchasetime", "purchasedat",
        "orderdate", "ordertime", "invoicedate", "transactiondate", "transactiontime", "datestamp", "visittime",
        "visitdate", "clicktime", "viewtime", "viewedat", "playedat", "listenedat", "watchedat", "timestampms",
        "timestamputc", "tdat", "day", "时间", "时间戳", "日期", "创建时间", "下单时间", "购买时间", "评论时间",
        "评分时间", "行为时间",
    ),
    ORDER: (
        "position", "order", "seq", "sequence", "step", "rank", "orderinhistory", "序号", "顺序",
    ),
    EVENT: (
        "event", "eventtype", "eventname", "action", "actiontype", "behavior", "behaviour", "behaviortype",
        "behaviourtype", "interaction", "interactiontype", "activity", "activitytype", "verb", "type", "事件",
        "事件类型", "行为", "行为类型", "操作", "操作类型", "动作",
    ),
    QUANTITY: (
        "quantity", "qty", "quantities", "units", "count", "counts", "plays", "playcount", "listens", "listencount",
        "listeningcount", "weight", "views", "clicks", "visits", "purchases", "frequency", "freq", "times",
        "timesplayed", "hours", "playtime", "hoursplayed", "minutes", "minutesplayed", "数量", "次数", "播放次数",
        "购买数量", "件数",
    ),
    BASKET: (
        "invoice", "invoiceno", "invoiceid", "invoicenumber", "orderid", "orderno", "ordernumber", "basketid",
        "basket", "transactionid", "transaction", "transactionno", "sessionid", "session", "cartid", "receiptid",
        "receiptno", "receipt", "visitid", "ticketid", "billno", "订单id", "订单", "订单号", "订单编号", "会话id",
        "会话", "发票号",
    ),
    REVIEW: (
        "reviewtext", "review", "reviewbody", "reviewcontent", "comment", "comments", "feedback", "评论", "评论内容",
        "评价",
    ),
    TITLE: (
        "title", "movietitle", "name", "itemname", "productname", "producttitle", "itemtitle", "filmtitle",
        "booktitle", "trackname", "artistname", "songname", "songtitle", "newstitle", "articletitle", "gamename",
        "appname", "coursename", "creatorname", "displayname", "headline", "标题", "名称", "商品名称", "商品名",
        "产品名称", "电影名", "电影名称", "书名", "歌名", "歌曲名", "片名",
    ),
    TEXT: (
        "description", "plot", "overview", "summary", "text", "content", "abstract", "synopsis", "bio",
        "itemdescription", "productdescription", "details", "about", "blurb", "lyrics", "body", "描述", "商品描述",
        "简介", "介绍", "内容", "摘要", "剧情",
    ),
    CATEGORIES: (
        "genres", "genre", "categories", "category", "class", "topics", "topic", "style", "types", "maincategory",
        "maincat", "categoryname", "categorycode", "categoryid", "department", "section", "subject", "subjects",
        "producttype", "productgroup", "subcategory", "itemcategory", "类别", "类型", "分类", "品类", "流派", "题材",
    ),
    TAGS: (
        "tags", "tag", "keywords", "labels", "tagvalue", "tagid", "标签", "关键词",
    ),
    YEAR: (
        "year", "releaseyear", "yearofpublication", "publicationyear", "releasedate", "年份", "上映年份", "出版年份",
    ),
    BRAND: (
        "brand", "manufacturer", "vendor", "author", "bookauthor", "director", "publisher", "developer", "品牌",
        "作者", "导演",
    ),
    PRICE: (
        "price", "unitprice", "saleprice", "listprice", "amount", "cost", "价格", "单价", "售价",
    ),
}  # fmt: skip
# Names that mean the same thing: two columns of one family are no riddle, two of different families are.
FAMILIES: dict[str, tuple[frozenset[str], ...]] = {
    USER: (
        frozenset((
            "userid", "user", "uid", "username", "useridx", "userindex", "用户id", "用户", "用户编号", "用户名",
        )),
        frozenset((
            "customerid", "customer", "customerno", "customerkey", "customernumber", "customercode", "custid",
        )),
    ),
    ITEM: (
        frozenset((
            "itemid", "item", "iid", "itemno", "itemkey", "itemcode", "itemidx", "itemindex", "商品id", "商品",
        )),
        frozenset((
            "movieid", "movie", "filmid", "film",
        )),
        frozenset((
            "productid", "product", "parentasin", "asin", "stockcode", "sku", "goodsid", "productcode",
        )),
        frozenset((
            "articleid", "clickarticleid", "article", "newsid", "news",
        )),
        frozenset((
            "bookid", "book", "isbn", "isbn13",
        )),
    ),
}  # fmt: skip
# Pairs of names for who and whom in a graph of people, and for friends.
WHO_WHOM: tuple[tuple[str, str], ...] = (
    ("follower", "followee"), ("followerid", "followeeid"), ("follower", "following"), ("followerid", "followingid"),
    ("userid", "followeeid"), ("userid", "followingid"), ("userid", "followedid"), ("source", "target"),
    ("sourceid", "targetid"), ("sourceuser", "targetuser"), ("sourceuserid", "targetuserid"), ("src", "dst"),
    ("from", "to"), ("fromid", "toid"), ("fromuser", "touser"), ("fromuserid", "touserid"),
    ("fromnodeid", "tonodeid"), ("关注者", "被关注者"),
)  # fmt: skip
FRIEND_NAMES = (
    "friendid", "friend", "friends", "frienduserid", "user2", "userid2", "useridb", "userb", "trustee", "trusteeid",
    "好友id", "好友",
)  # fmt: skip
ALL_NAMES = frozenset(name for names in NAMES.values() for name in names) | frozenset(
    name for pair in WHO_WHOM for name in pair
)
